import { expand } from './expansion.ts';
import type { ImageConfig } from './image-store.ts';
import type { Container } from './pod.ts';

/** A container cannot be made from its spec; becomes the waiting reason CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContainerConfigError';
  }
}

/**
 * What the container runs, by the rule of the Kubernetes documentation ("Define a Command and Arguments"):
 * `command` replaces Entrypoint *and* Cmd; `args` alone replaces only Cmd.
 * @throws ContainerConfigError when neither the spec nor the image names a command.
 */
export function processArgs(
  container: Container,
  image: ImageConfig,
  env: ReadonlyMap<string, string>,
): string[] {
  const lookup = (name: string) => env.get(name);
  const command = (container.command ?? []).map((word) => expand(word, lookup));
  const args = (container.args ?? []).map((word) => expand(word, lookup));
  let words: string[];
  if (command.length > 0) words = [...command, ...args];
  else if (args.length > 0) words = [...(image.Entrypoint ?? []), ...args];
  else words = [...(image.Entrypoint ?? []), ...(image.Cmd ?? [])];
  if (words.length === 0) {
    throw new ContainerConfigError(
      `no command specified: container "${container.name}" has no command and image "${container.image}" has neither Entrypoint nor Cmd`,
    );
  }
  return words;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Environment of the process: the image's, then HOSTNAME, then the spec's, each overriding what came before. */
export function processEnv(
  image: ImageConfig,
  hostname: string,
  spec: ReadonlyMap<string, string>,
  tty: boolean,
): string[] {
  const env = new Map<string, string>([['PATH', DEFAULT_PATH]]);
  if (tty) env.set('TERM', 'xterm');
  for (const entry of image.Env ?? []) {
    const equals = entry.indexOf('=');
    if (equals > 0) env.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  env.set('HOSTNAME', hostname);
  for (const [name, value] of spec) env.set(name, value);
  return [...env].map(([name, value]) => `${name}=${value}`);
}
