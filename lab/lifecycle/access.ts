import { parseDocument } from 'yaml';
import { examine } from '../doctor/index.ts';
import { capture, type Engine, objectName, type StreamedExec, stream } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import {
  type CommandStream,
  type ExecResult,
  KUBECTL,
  type LabAccess,
  type PlacedPod,
  type PodManifest,
  type PodName,
  type Target,
} from '../scenario/index.ts';
import { startBrowser, stopBrowser } from './browser.ts';
import { findLab, type RunningLab } from './find-lab.ts';
import { bringImages, imageNames } from './images/index.ts';
import { cutPower, shutDownNode, startNode } from './node-power.ts';
import { ADMIN_CONF } from './pki/cluster-pki.ts';
import { findTarget, targetArgv } from './targets.ts';

/** A running lab for scenarios; what the kernel has is asked when a scenario wants to know. */
export function labAccess(engine: Engine, lab: RunningLab): LabAccess {
  const capabilities = async () => {
    const { capabilities: found } = await examine({});
    return Object.fromEntries(found.map(({ name, present }) => [name, present === 'yes']));
  };
  return new DockerLabAccess(engine, lab, capabilities);
}

const keyOf = ({ namespace, name }: PodName) => `${namespace}/${name}`;

/** A running lab as scenarios see it, over Docker. */
class DockerLabAccess implements LabAccess {
  readonly #engine: Engine;
  readonly #capabilities: () => Promise<Readonly<Record<string, boolean>>>;
  #lab: RunningLab;

  constructor(
    engine: Engine,
    lab: RunningLab,
    capabilities: () => Promise<Readonly<Record<string, boolean>>>,
  ) {
    this.#engine = engine;
    this.#lab = lab;
    this.#capabilities = capabilities;
  }

  get topology() {
    return this.#lab.topology;
  }

  get lab() {
    return this.#lab.name;
  }

  async exec(
    target: Target,
    command: string,
    options: { stdin?: string; timeoutMs?: number } = {},
  ): Promise<ExecResult> {
    const { container, argv } = await this.#commandIn(target, command, options.stdin !== undefined);
    const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
    const result = await capture(this.#engine, container, argv, {
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
      ...(timeout ? { signal: timeout } : {}),
    });
    return timeout?.aborted ? { ...result, timedOut: true } : result;
  }

  async stream(target: Target, command: string): Promise<CommandStream> {
    // `exec` makes the shell the command itself, so that a signal reaches it and not its parent.
    const { container, argv } = await this.#commandIn(target, command, false, 'exec 2>&1; ');
    return commandStream(await stream(this.#engine, container, argv));
  }

  async apply(manifests: string): Promise<void> {
    await bringImages(this.#engine, imageNames(manifests), (line) => void process.stderr.write(`${line}\n`));
    await this.#kubectl(['apply', '-f', '-'], manifests);
  }

  async remove(manifests: string): Promise<void> {
    await this.#kubectl(['delete', '--ignore-not-found', '-f', '-'], manifests);
  }

  async applyPods(pods: readonly PodManifest[]): Promise<void> {
    if (pods.length === 0) return;
    const images = pods.flatMap(({ yaml }) => imageNames(yaml));
    await bringImages(this.#engine, images, (line) => void process.stderr.write(`${line}\n`));
    await this.#kubectl(['apply', '-f', '-'], pods.map((pod) => this.#bound(pod)).join('---\n'));
  }

  async deletePods(pods: readonly PlacedPod[]): Promise<void> {
    for (const [namespace, list] of groupBy(pods, (pod) => pod.namespace)) {
      const names = list.map(({ name }) => name);
      await this.#kubectl(['delete', 'pod', '-n', namespace, '--ignore-not-found', '--wait=false', ...names]);
    }
    await this.#onNodes(pods, (node, here) =>
      this.#nodectl(objectName(this.lab, node), ['wait', 'gone', ...here.map(keyOf), '--timeout', '60']),
    );
  }

  /** The manifest with the node's name as the API knows it. */
  #bound(pod: PodManifest): string {
    const document = parseDocument(pod.yaml);
    const node = this.topology.nodes.find(({ name }) => name === pod.node);
    document.setIn(['spec', 'nodeName'], node?.nodeName ?? pod.node);
    return String(document);
  }

  async waitReady(pods: readonly PlacedPod[], withinMs: number): Promise<void> {
    const seconds = String(Math.ceil(withinMs / 1000));
    await this.#onNodes(pods, (node, here) =>
      this.#nodectl(objectName(this.lab, node), ['wait', 'pods', ...here.map(keyOf), '--timeout', seconds]),
    );
  }

  async #onNodes(pods: readonly PlacedPod[], work: (node: string, here: PlacedPod[]) => Promise<void>) {
    await Promise.all([...groupBy(pods, ({ node }) => node)].map(([node, here]) => work(node, here)));
  }

  async nodeStop(node: string, how: 'shutdown' | 'power-cut'): Promise<void> {
    await (how === 'power-cut' ? cutPower : shutDownNode)(this.#engine, this.#lab, node);
    await this.#refresh();
  }

  async nodeStart(node: string): Promise<void> {
    await startNode(this.#engine, this.#lab, node);
    await this.#refresh();
  }

  async startBrowser(host: string): Promise<void> {
    await startBrowser(this.#engine, this.#lab, host, (line) => void process.stderr.write(`${line}\n`));
    await this.#refresh();
  }

  async stopBrowser(): Promise<ReadonlyMap<string, Uint8Array>> {
    const screenshots = await stopBrowser(this.#engine, this.lab);
    await this.#refresh();
    return screenshots;
  }

  capabilities() {
    return this.#capabilities();
  }

  /** Containers come and go, and their states change. */
  async #refresh(): Promise<void> {
    this.#lab = await findLab(this.#engine, this.lab);
  }

  /** @param before of the same shell, ahead of the command */
  async #commandIn(target: Target, command: string, stdin: boolean, before = '') {
    if (target === KUBECTL) {
      const kubectl = `${before}KUBECONFIG=${ADMIN_CONF}; export KUBECONFIG; kubectl ${command}`;
      return { container: this.#controlPlane(), argv: ['/bin/sh', '-c', kubectl] };
    }
    const found = await findTarget(this.#engine, this.#lab, target);
    return {
      container: found.container.id,
      argv: targetArgv(found, ['/bin/sh', '-c', before + command], { stdin }),
    };
  }

  #controlPlane(): string {
    const control = this.topology.nodes.find(({ role }) => role === 'control-plane');
    return objectName(this.lab, control?.name ?? '');
  }

  async #kubectl(argv: readonly string[], stdin = ''): Promise<void> {
    const command = ['kubectl', '--kubeconfig', ADMIN_CONF, ...argv];
    const { code, stderr, stdout } = await capture(this.#engine, this.#controlPlane(), command, { stdin });
    if (code === 0) return;
    throw new HoplabError({
      code: 'E_KUBECTL',
      message: `kubectl ${argv.join(' ')}: exit code ${code}`,
      detail: (stderr || stdout).trim(),
      next: 'npm run lab status',
    });
  }

  async #nodectl(node: string, argv: readonly string[]): Promise<void> {
    const { code, stderr, stdout } = await capture(this.#engine, node, ['nodectl', ...argv]);
    if (code === 0) return;
    throw new HoplabError({
      code: code === EXIT.timeout ? 'E_NOT_READY' : 'E_NODE',
      message: `nodectl ${argv.join(' ')}: ${(stderr || stdout).trim()}`,
      exitCode: code === EXIT.timeout ? EXIT.timeout : EXIT.failed,
      next: 'npm run lab status',
    });
  }
}

function commandStream(running: StreamedExec): CommandStream {
  return {
    lines: running.lines(),
    stop: async () => {
      await running.kill('INT');
    },
  };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}
