import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { ApiObject } from '../../lab/api/objects/index.ts';

/*
 * Speakers as processes of their own in network namespaces, on one bridge with a router that asks for the address all the time. Needs root
 * and a C compiler, not Docker; nothing outside these namespaces is touched.
 */
export const VIP = '10.1.110.105';
const VIP_HEX = '0a016e69';
const SWITCH = 'hoplab-mlb-switch';
const ROUTER = 'hoplab-mlb-router';
const native = new URL('../../images/node/native', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'hoplab-mlb-'));
const worker = join(dir, 'speaker.mjs');
const vipWorker = join(dir, 'vip.mjs');
const watcher = join(dir, 'arp-watch');
export const responder = join(dir, 'arp-responder');

export const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
export const inside = (netns: string, ...command: string[]) =>
  execFileSync('ip', ['netns', 'exec', netns, ...command], { encoding: 'utf8' });

export interface TestNode {
  readonly name: string;
  readonly netns: string;
  readonly address: string;
  readonly mac: string;
  /** Its port of the bridge. */
  readonly port: string;
}

export const nodeAt = (index: number): TestNode => ({
  name: ['controlpl1', 'worker1', 'worker2', 'worker3'][index] ?? '',
  netns: `hoplab-mlb-n${index}`,
  address: `10.1.110.${index + 1}`,
  mac: `02:00:00:00:00:0${index + 1}`,
  port: `port${index}`,
});

const children = new Set<ChildProcess>();

function start(netns: string, argv: readonly string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', netns, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  child.on('close', () => children.delete(child));
  child.stdin?.on('error', () => {});
  return child;
}

export const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('close', () => resolve()));

export function lines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    parts.forEach(onLine);
  });
}

function bundle(entry: string, outfile: string): void {
  buildSync({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
}

export function usePrograms(): void {
  beforeAll(() => {
    execFileSync('make', ['-s', '-C', native, 'arp-responder'], { encoding: 'utf8' });
    execFileSync('cp', [join(native, 'arp-responder'), responder]);
    const sources = ['test/arp-watch.c', 'arp/packet.c'].map((file) => join(native, file));
    execFileSync('gcc', ['-O2', '-D_GNU_SOURCE', `-I${native}`, '-o', watcher, ...sources]);
    bundle('metallb-speaker.test-worker.ts', worker);
    bundle('metallb-vip.test-worker.ts', vipWorker);
  });
  afterEach(async () => {
    const all = [...children];
    for (const child of all) child.kill('SIGKILL');
    await Promise.all(all.map(ended));
    removeNamespaces();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
}

export function removeNamespaces(): void {
  const names = [SWITCH, ROUTER, ...[0, 1, 2, 3].map((index) => nodeAt(index).netns)];
  for (const name of names) if (existsSync(`/run/netns/${name}`)) ip('netns', 'delete', name);
}

function plug(netns: string, address: string, mac: string, port: string): void {
  ip('netns', 'add', netns);
  ip('-n', SWITCH, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'ens192', 'netns', netns);
  ip('-n', SWITCH, 'link', 'set', port, 'master', 'br0', 'up');
  ip('-n', netns, 'link', 'set', 'lo', 'up');
  ip('-n', netns, 'link', 'set', 'ens192', 'address', mac, 'up');
  ip('-n', netns, 'address', 'add', `${address}/24`, 'dev', 'ens192');
}

export function makeSegment(nodes: readonly TestNode[]): void {
  removeNamespaces();
  ip('netns', 'add', SWITCH);
  ip('-n', SWITCH, 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', SWITCH, 'link', 'set', 'br0', 'up');
  plug(ROUTER, '10.1.110.254', '00:22:bd:f8:19:ff', 'uplink');
  for (const { netns, address, mac, port } of nodes) plug(netns, address, mac, port);
}

export const setPort = (node: TestNode, state: 'up' | 'down') =>
  ip('-n', SWITCH, 'link', 'set', node.port, state);

/** What the router has seen. */
export interface Answer {
  /** CLOCK_MONOTONIC in milliseconds. */
  readonly at: number;
  readonly mac: string;
  /** Which request it answers: the sender address of that. */
  readonly tag: string;
}

export class Router {
  readonly answers: Answer[] = [];
  readonly announcements: { readonly at: number; readonly mac: string; readonly op: string }[] = [];

  constructor(everyMs = 4) {
    const child = start(ROUTER, [watcher, 'ens192', VIP, String(everyMs)]);
    lines(child, (line) => {
      const [at, op = '', mac = '', sender, tag = ''] = line.split(' ');
      if (sender !== VIP_HEX) return;
      if (tag === VIP_HEX) this.announcements.push({ at: Number(at), mac, op });
      else this.answers.push({ at: Number(at), mac, tag });
    });
  }

  /** Waits until a node answers, after a time. @returns when */
  async answeredBy(node: TestNode, since: number, ms = 10_000): Promise<number> {
    const find = () => this.answers.find(({ at, mac }) => at >= since && mac === node.mac);
    await vi.waitUntil(find, { timeout: ms, interval: 5 });
    return find()?.at ?? 0;
  }

  /** Forgets what was seen while the speakers came up, one after the other. */
  forget(): void {
    const last = this.answers.at(-1);
    this.answers.length = 0;
    if (last) this.answers.push(last);
  }

  /** No request has been answered by two, and after a change of owner the old one is silent. */
  expectOneOwner(): void {
    const byRequest = new Map<string, Set<string>>();
    const changes: string[] = [];
    for (const { mac, tag } of this.answers) {
      byRequest.set(tag, (byRequest.get(tag) ?? new Set()).add(mac));
      if (changes.at(-1) !== mac) changes.push(mac);
    }
    expect([...byRequest].filter(([, macs]) => macs.size > 1)).toEqual([]);
    this.changes = changes;
  }

  /** The owners in order, filled by {@link expectOneOwner}. */
  changes: string[] = [];
}

export const monotonic = (): number => Math.floor(Number(process.hrtime.bigint() / 1_000_000n));

/** A speaker's process, fed with objects. */
export class SpeakerProcess {
  readonly node: TestNode;
  readonly child: ChildProcess;
  readonly log: Record<string, unknown>[] = [];

  constructor(node: TestNode, objects: readonly (readonly [string, ApiObject])[]) {
    this.node = node;
    this.child = start(node.netns, [process.execPath, worker, node.name, node.address, responder]);
    lines(this.child, (line) => this.log.push(JSON.parse(line)));
    for (const [plural, object] of objects) this.put(plural, object);
  }

  /** Resolves when it has been up for long enough to be elected. */
  async settled(): Promise<void> {
    const created = () => this.log.find(({ event }) => event === 'createARPResponder');
    await vi.waitUntil(created, { timeout: 10_000, interval: 20 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  }

  put(plural: string, object: ApiObject): void {
    this.child.stdin?.write(`${JSON.stringify({ plural, object })}\n`);
  }
}

/** A process with the virtual address in its hands; `say` resolves when a command has been done. */
export async function startVip(node: TestNode): Promise<{ say(command: string): Promise<void> }> {
  const child = start(node.netns, [process.execPath, vipWorker, VIP, 'ens192', responder]);
  const seen: { kind: string; up?: boolean }[] = [];
  lines(child, (line) => seen.push(JSON.parse(line)));
  const count = (kind: string) => seen.filter((line) => line.kind === kind).length;
  await vi.waitUntil(() => count('ready') > 0 && seen.some(({ up }) => up), {
    timeout: 10_000,
    interval: 20,
  });
  return {
    async say(command) {
      const before = count('done');
      child.stdin?.write(`${command}\n`);
      await vi.waitUntil(() => count('done') > before, { timeout: 5_000, interval: 10 });
    },
  };
}

const endpoint = ({ name }: TestNode) => ({
  addresses: ['192.168.8.193'],
  nodeName: name,
  conditions: { ready: true },
});

/** The endpoints of the service, on these nodes: up to 0.10 they decide who may announce. */
export const slice = (nodes: readonly TestNode[]): ApiObject =>
  ({
    metadata: { name: 'f-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'frontend' } },
    addressType: 'IPv4',
    endpoints: nodes.map(endpoint),
  }) as ApiObject;

/** Everything a speaker reads. */
export function clusterObjects(
  nodes: readonly TestNode[],
  endpoints = nodes,
): (readonly [string, ApiObject])[] {
  const config = `address-pools:\n- {name: p, protocol: layer2, addresses: [${VIP}/32]}\n`;
  const service = {
    metadata: { name: 'frontend', namespace: 'default' },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.17.201', ports: [{ port: 80 }] },
    status: { loadBalancer: { ingress: [{ ip: VIP }] } },
  };
  return [
    ...nodes.map(({ name, address }): readonly [string, ApiObject] => [
      'nodes',
      {
        metadata: { name },
        spec: {},
        status: { addresses: [{ type: 'InternalIP', address }] },
      } as ApiObject,
    ]),
    ...nodes.map(({ name }): readonly [string, ApiObject] => [
      'pods',
      {
        metadata: {
          name: `speaker-${name}`,
          namespace: 'iks',
          labels: { app: 'metallb', component: 'speaker' },
        },
        spec: { nodeName: name, containers: [] },
      } as ApiObject,
    ]),
    [
      'secrets',
      {
        metadata: { name: 'essential-metallb-memberlist', namespace: 'iks' },
        data: { secretkey: Buffer.from('a secret').toString('base64') },
      } as ApiObject,
    ],
    [
      'configmaps',
      { metadata: { name: 'essential-metallb', namespace: 'iks' }, data: { config } } as ApiObject,
    ],
    ['services', service as ApiObject],
    ['endpointslices', slice(endpoints)],
  ];
}
