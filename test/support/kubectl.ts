import { afterAll, beforeAll } from 'vitest';
import { hoplab, hoplabOk, type Ran, type RunOptions } from './hoplab.ts';
import {
  exitCode,
  type HoplabProcess,
  printed,
  startHoplab,
  startOnTerminal,
  stop,
} from './hoplab-process.ts';

const LAB = ['-n', 'iks', 'kubectl'];

/** kubectl of the white paper's lab in a namespace of the test file's own, as a person types it. */
export interface Kubectl {
  /** Words in any namespace; whatever the exit code. */
  any(words: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A line in the namespace, with single quotes as a shell reads them; whatever the exit code. */
  raw(line: string, options?: RunOptions): Promise<Ran>;
  /** What a line printed; anything but exit code 0 is an error. */
  ok(line: string, options?: RunOptions): Promise<string>;
  /** What a line that is refused said. */
  fails(line: string): Promise<string>;
  apply(manifest: string): Promise<string>;
  start(words: readonly string[]): HoplabProcess;
  /** Starts it, lets it print until the pattern matches, and ends it with Ctrl-C. */
  untilPrinted(words: readonly string[], pattern: RegExp): Promise<string>;
  /** Runs it on a terminal of its own. */
  onTerminal(words: readonly string[]): Promise<string>;
}

const split = (line: string) =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));

/** To be called once in a test file: the lab is up and the namespace there before its tests, and gone after them. */
export function kubectlIn(namespace: string): Kubectl {
  const own = (words: readonly string[]) => [...LAB, '-n', namespace, ...words];
  const any = (words: readonly string[], options?: RunOptions) => hoplab([...LAB, ...words], options);
  const raw = (line: string, options?: RunOptions) => hoplab(own(split(line)), options);
  const ok = async (line: string, options?: RunOptions) => (await hoplabOk(own(split(line)), options)).stdout;
  const start = (words: readonly string[]) => startHoplab(own(words));
  const away = ['delete', 'namespace', namespace, '--ignore-not-found'];
  beforeAll(async () => {
    await hoplabOk(['up']);
    await any(away);
    await hoplabOk([...LAB, 'create', 'namespace', namespace]);
  });
  afterAll(async () => {
    await any(away);
  });
  return {
    any,
    raw,
    ok,
    async fails(line) {
      const { code, stderr } = await raw(line);
      if (code === 0) throw new Error(`${line}: exit code 0`);
      return stderr;
    },
    apply: (manifest) => ok('apply -f -', { stdin: manifest }),
    start,
    async untilPrinted(words, pattern) {
      const started = start(words);
      try {
        await printed(started, pattern);
        return started.text;
      } finally {
        await stop(started);
      }
    },
    async onTerminal(words) {
      const started = startOnTerminal(own(words));
      const code = await exitCode(started);
      if (code !== 0) throw new Error(`exit code ${code}: ${started.text}`);
      return started.text;
    },
  };
}

/** nginx twice, as the deployment `web`. */
export const webDeployment = (image = 'nginx', replicas = 2) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{ name: nginx, image: ${image}, ports: [{ name: http, containerPort: 80 }] }]
`;
