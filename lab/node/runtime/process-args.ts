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

/** Fields of the pod that `valueFrom.fieldRef` may name, known when the container starts. */
export interface DownwardFields {
  readonly podIP: string;
  readonly hostIP: string;
  readonly nodeName: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

const FIELD_PATHS: Readonly<Record<string, keyof DownwardFields>> = {
  'metadata.name': 'name',
  'metadata.namespace': 'namespace',
  'metadata.uid': 'uid',
  'spec.nodeName': 'nodeName',
  'status.podIP': 'podIP',
  'status.hostIP': 'hostIP',
};

/**
 * The variables that the pod's spec sets. A value may refer to variables above it (pkg/kubelet/kubelet_pods.go
 * makeEnvironmentVariables).
 * @throws ContainerConfigError for sources that this kubelet does not serve yet.
 */
export function specEnv(container: Container, fields: DownwardFields): Map<string, string> {
  const env = new Map<string, string>();
  if ((container.envFrom ?? []).length > 0) {
    throw new ContainerConfigError(`container "${container.name}": envFrom needs the API server`);
  }
  for (const variable of container.env ?? []) {
    if (variable.valueFrom !== undefined) {
      const path = variable.valueFrom.fieldRef?.fieldPath;
      const field = path === undefined ? undefined : FIELD_PATHS[path];
      if (field === undefined) {
        const source = path ?? Object.keys(variable.valueFrom).join(', ');
        throw new ContainerConfigError(
          `container "${container.name}": env ${variable.name}: valueFrom ${source} needs the API server`,
        );
      }
      env.set(variable.name, fields[field]);
    } else {
      env.set(
        variable.name,
        expand(variable.value ?? '', (name) => env.get(name)),
      );
    }
  }
  return env;
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
