import type { Topology } from '../topology/topology.ts';
import type {
  CommandStream,
  ExecResult,
  LabAccess,
  NodeStopHow,
  PodManifest,
  PodName,
  Target,
} from './access.ts';

type Answer = Partial<ExecResult> | string;
type Answers = Readonly<Record<string, Answer | ((target: Target) => Answer | Promise<Answer>)>>;

/** A stream whose lines the test writes. */
export class FakeStream implements CommandStream {
  readonly command: string;
  stopped = false;
  #queue: string[] = [];
  #wake: () => void = () => {};
  #over = false;

  constructor(command: string) {
    this.command = command;
  }

  say(...lines: string[]): void {
    this.#queue.push(...lines);
    this.#wake();
  }

  end(): void {
    this.#over = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.end();
  }

  get lines(): AsyncIterable<string> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<string> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) yield next;
      else if (this.#over) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** A lab for unit tests: commands have fixed answers, and everything that is done to it is written down. */
export class FakeLab implements LabAccess {
  readonly lab = 'fake';
  readonly topology: Topology;
  /** Everything done, in order: `exec worker1: ip route`, `nodeStop worker2 power-cut`. */
  readonly done: string[] = [];
  readonly streams: FakeStream[] = [];
  onStream: (stream: FakeStream) => void = () => {};
  has: Record<string, boolean> = {};
  answers: Answers;

  constructor(answers: Answers = {}, topology: Partial<Topology> = {}) {
    this.answers = answers;
    this.topology = {
      name: 'iks',
      file: '/topologies/iks.yaml',
      nodes: [{ name: 'worker1' }, { name: 'worker2' }],
      router: { name: 'router' },
      hosts: { client: { name: 'client' } },
      pods: [],
      ...topology,
    } as unknown as Topology;
  }

  async exec(target: Target, command: string): Promise<ExecResult> {
    this.done.push(`exec ${target}: ${command}`);
    const answer = this.answers[`${target}: ${command}`] ?? this.answers[command] ?? '';
    const given = typeof answer === 'function' ? await answer(target) : answer;
    const result = typeof given === 'string' ? { stdout: given } : given;
    return { code: 0, stdout: '', stderr: '', ...result };
  }

  async stream(target: Target, command: string): Promise<CommandStream> {
    this.done.push(`stream ${target}: ${command}`);
    const stream = new FakeStream(command);
    this.streams.push(stream);
    this.onStream(stream);
    return stream;
  }

  async apply(manifests: string): Promise<void> {
    this.done.push(`apply ${manifests.trim()}`);
  }

  async remove(manifests: string): Promise<void> {
    this.done.push(`remove ${manifests.trim()}`);
  }

  async applyPods(pods: readonly PodManifest[]): Promise<void> {
    this.done.push(`applyPods ${pods.map(({ name, node }) => `${name}@${node}`).join(' ')}`);
  }

  async deletePods(pods: readonly PodName[]): Promise<void> {
    this.done.push(`deletePods ${pods.map(({ name }) => name).join(' ')}`);
  }

  async waitReady(pods: readonly PodName[]): Promise<void> {
    this.done.push(`waitReady ${pods.map(({ namespace, name }) => `${namespace}/${name}`).join(' ')}`);
  }

  async nodeStop(node: string, how: NodeStopHow): Promise<void> {
    this.done.push(`nodeStop ${node} ${how}`);
  }

  async nodeStart(node: string): Promise<void> {
    this.done.push(`nodeStart ${node}`);
  }

  /** What {@link stopBrowser} gives. */
  screenshots: ReadonlyMap<string, Uint8Array> = new Map();

  async startBrowser(host: string): Promise<void> {
    this.done.push(`startBrowser ${host}`);
  }

  async stopBrowser(): Promise<ReadonlyMap<string, Uint8Array>> {
    this.done.push('stopBrowser');
    return this.screenshots;
  }

  async capabilities(): Promise<Readonly<Record<string, boolean>>> {
    return this.has;
  }
}
