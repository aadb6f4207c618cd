import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach } from 'vitest';
import { FakeApi } from '../../lab/api/client/fake.ts';
import { NAMESPACES, PODS } from '../../lab/api/client/index.ts';
import { PAPER_CLUSTER } from '../../lab/api/cluster.fixture.ts';
import type { ApiObject } from '../../lab/api/objects/index.ts';
import { vethName } from '../../lab/api/veth.ts';
import { Felix } from '../../lab/network/calico/felix/index.ts';
import { run } from '../../lab/node/shell/index.ts';

/*
 * Felix with the real iptables and ipset in a namespace that plays the node, wired to namespaces that are pods as the CNI
 * plugin wires them. Needs root and ipset, not Docker; nothing outside these namespaces is touched.
 */
const PREFIX = 'hoplab-felix';
const NODE = `${PREFIX}-node`;
const netns = (name: string) => `/run/netns/${name}`;
/** A packet that is dropped is waited for so long, in milliseconds; one that is let pass takes less than one. */
const DROPPED_MS = 250;
const MATRIX_DEADLINE_MS = 10_000;

const self = PAPER_CLUSTER.nodes[2];
if (!self) throw new Error('the fixture has no third node');
export const SELF = self;

interface Pod {
  readonly key: string;
  readonly address: string;
  readonly prober: ChildProcess;
  readonly ask: (question: object) => Promise<boolean>;
}

export interface PodOptions {
  readonly labels?: Record<string, string>;
  readonly ports?: { name: string; containerPort: number; protocol?: string }[];
  /** Its interface comes up, but the API knows nothing of it. */
  readonly unknown?: boolean;
}

const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });

function removeNamespaces(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ');
    if (name.startsWith(`${PREFIX}-`)) ip('netns', 'delete', name);
  }
}

/** One node with its pods; fresh for each test. */
export class World {
  readonly api = new FakeApi();
  readonly commands: string[][] = [];
  readonly log: string[] = [];
  readonly pods = new Map<string, Pod>();
  readonly #dir = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  #felix: Felix | undefined;

  node(...command: string[]): string {
    return execFileSync('nsenter', [`--net=${netns(NODE)}`, ...command], { encoding: 'utf8' });
  }

  async startFelix(syncPeriod = 0): Promise<Felix> {
    this.#felix = new Felix({
      client: this.api,
      cluster: { ...PAPER_CLUSTER, kubeProxy: { ...PAPER_CLUSTER.kubeProxy, syncPeriod } },
      self: SELF,
      log: (line) => this.log.push(line),
      hostsFile: join(this.#dir, 'all-hosts-net'),
      run: (argv, input) => {
        this.commands.push([...argv]);
        return run(['nsenter', `--net=${netns(NODE)}`, ...argv], input);
      },
    });
    await this.#felix.start();
    await this.#felix.inSync;
    return this.#felix;
  }

  async stopFelix(): Promise<void> {
    await this.#felix?.stop();
    this.#felix = undefined;
  }

  async namespace(name: string, labels: Record<string, string> = {}): Promise<void> {
    await this.create(NAMESPACES, { metadata: { name, labels } });
  }

  async create(
    ref: Parameters<FakeApi['create']>[0],
    object: ApiObject & Record<string, unknown>,
  ): Promise<void> {
    await this.api.create(ref, object);
  }

  /** A pod in the API, its interface, and a process inside that listens on 80 and 81. */
  async pod(key: string, options: PodOptions = {}): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const number = this.pods.size;
    const address = `192.168.8.${200 + number}`;
    if (!options.unknown) {
      const pod = {
        metadata: { namespace, name, ...(options.labels ? { labels: options.labels } : {}) },
        spec: { nodeName: SELF.nodeName, containers: [{ name: 'c', ports: options.ports ?? [] }] },
      };
      await this.create(PODS, pod);
      const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
      await this.api.updateStatus(PODS, { ...pod, status });
    }
    this.#wire(`${PREFIX}-p${number}`, vethName(namespace, name), address);
    this.pods.set(key, { key, address, ...(await proberIn(`${PREFIX}-p${number}`)) });
  }

  #wire(space: string, veth: string, address: string): void {
    ip('netns', 'add', space);
    ip('-n', space, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', veth);
    ip('-n', space, 'link', 'set', veth, 'netns', NODE);
    this.node('sh', '-c', `echo 1 >/proc/sys/net/ipv4/conf/${veth}/proxy_arp`);
    this.node('sh', '-c', `echo 0 >/proc/sys/net/ipv4/neigh/${veth}/proxy_delay`);
    ip('-n', NODE, 'link', 'set', veth, 'up');
    for (const line of [
      'link set lo up',
      'link set eth0 up',
      'route add 169.254.1.1 dev eth0 scope link',
      'route add default via 169.254.1.1 dev eth0',
      `address add ${address}/32 dev eth0`,
    ]) {
      ip('-n', space, ...line.split(' '));
    }
    ip('-n', NODE, 'route', 'add', address, 'dev', veth, 'scope', 'link');
  }

  /** Something on the node that listens, under the key `node`; no pod, so not to be in a matrix. */
  async listenOnNode(): Promise<void> {
    this.pods.set('node', { key: 'node', address: SELF.address, ...(await proberIn(NODE)) });
  }

  address(key: string): string {
    const pod = this.pods.get(key);
    if (!pod) throw new Error(`no pod ${key}`);
    return pod.address;
  }

  /** A second address on the pod's eth0, which no route leads to. */
  addAddress(key: string, address: string): void {
    const number = [...this.pods.keys()].indexOf(key);
    ip('-n', `${PREFIX}-p${number}`, 'address', 'add', `${address}/32`, 'dev', 'eth0');
  }

  /** Whether a connection from one pod to another's port comes about. */
  reaches(from: string, to: string, port = 80, localAddress?: string): Promise<boolean> {
    const pod = this.pods.get(from);
    if (!pod) throw new Error(`no pod ${from}`);
    return pod.ask({ host: this.address(to), port, timeout: DROPPED_MS, localAddress });
  }

  /** Who reaches whom, among all pods, as lines `a -> b c`. */
  async matrix(port = 80): Promise<string[]> {
    const keys = [...this.pods.keys()];
    return Promise.all(
      keys.map(async (from) => {
        const others = keys.filter((to) => to !== from);
        const reached = await Promise.all(others.map((to) => this.reaches(from, to, port)));
        return `${from} -> ${others.filter((_, i) => reached[i]).join(' ')}`.trim();
      }),
    );
  }

  /** Waits until the matrix is as wanted; what it was last is compared when it does not become so. */
  async settles(read: () => Promise<unknown>, wanted: unknown): Promise<unknown> {
    const deadline = Date.now() + MATRIX_DEADLINE_MS;
    let seen = await read();
    while (JSON.stringify(seen) !== JSON.stringify(wanted) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen = await read();
    }
    return seen;
  }

  async end(): Promise<void> {
    await this.stopFelix();
    for (const { prober } of this.pods.values()) prober.kill('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function proberIn(space: string): Promise<Pick<Pod, 'prober' | 'ask'>> {
  const script = new URL('./felix-pod.js', import.meta.url).pathname;
  const prober = spawn('nsenter', [`--net=${netns(space)}`, process.execPath, script, '80', '81'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (reached: boolean) => void>();
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    prober.on('error', reject).on('exit', () => reject(new Error(`the process in ${space} ended`)));
    createInterface({ input: prober.stdout }).on('line', (line) => {
      if (line === 'ready') return resolve();
      const { id, reached } = JSON.parse(line) as { id: number; reached: boolean };
      waiting.get(id)?.(reached);
      waiting.delete(id);
    });
  });
  const ask = (question: object) =>
    new Promise<boolean>((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      prober.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
    });
  return { prober, ask };
}

/** The world of the running test. */
export const the = { world: undefined as unknown as World };

/** Makes a world for each test of the calling file. */
export function useWorld(): void {
  beforeEach(() => {
    if (!existsSync('/usr/sbin/ipset')) throw new Error('this test needs ipset: apt-get install ipset');
    removeNamespaces();
    ip('netns', 'add', NODE);
    the.world = new World();
    for (const line of [
      'link set lo up',
      'link add ens192 type bridge',
      'address add 10.1.110.107/24 dev ens192',
      'link set ens192 up',
      'route add default via 10.1.110.254',
    ]) {
      ip('-n', NODE, ...line.split(' '));
    }
    the.world.node('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  });
  afterEach(async () => {
    await the.world.end();
    removeNamespaces();
  });
}
