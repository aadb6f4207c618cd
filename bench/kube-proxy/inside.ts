import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientFromFile, ENDPOINT_SLICES, SERVICES } from '../../lab/api/client/index.ts';
import type { EndpointSlice, Service } from '../../lab/api/objects/index.ts';
import { bundle } from '../../lab/bootstrap/bundle.js';
import {
  type Options,
  SavedReader,
  ServiceTracker,
  transactions,
} from '../../lab/network/kube-proxy/index.ts';
import { selfSigned } from '../../test/control-plane/support/certificate.ts';
import { type BenchResult, median, result } from '../result.ts';
import { service, slice } from './objects.ts';

/*
 * Runs in a network namespace of its own, which bench/kube-proxy.ts makes: API server and kube-proxy as processes, the kernel's
 * rules as the result. A change is in force when kube-proxy says so, which it does when iptables-restore has ended.
 */
const ENDPOINTS = 10;
const TOKEN = 'bench';
const RULES = {
  clusterCIDR: '192.168.0.0/16',
  masqueradeAll: false,
  nodeIP: '10.1.110.107',
  localhostNodePorts: true,
};
const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'hoplab-bench-kube-proxy-'));
const results: BenchResult[] = [];

const services = Array.from({ length: 1000 }, (_, index) => service(index));
const slices = services.map((_, index) => [slice(index, ENDPOINTS)]);
const numberOf = (key: string) => Number(key.split('-')[1]);

function tracker(count: number): ServiceTracker {
  const source = {
    service: (key: string) => services[numberOf(key)],
    slices: (key: string) => slices[numberOf(key)] ?? [],
  };
  const made = new ServiceTracker(source, 'node1', '1.30', () => {});
  made.update(Array.from({ length: count }, (_, index) => `default/svc-${index}`));
  return made;
}

function empty(): void {
  for (const table of ['mangle', 'filter', 'nat']) {
    execFileSync('iptables', ['-t', table, '-F']);
    execFileSync('iptables', ['-t', table, '-X']);
  }
}

function restore(input: string): number {
  const started = performance.now();
  execFileSync('iptables-restore', ['--noflush', '--wait', '5'], { input });
  return performance.now() - started;
}

/** What the real kube-proxy gives to iptables-restore: everything at once. */
function plainInput(count: number): string {
  const rules = tracker(count).ruleSet(RULES);
  const chainsAtOnce = Number.POSITIVE_INFINITY;
  return transactions(rules, new SavedReader(rules).end(), { chainsAtOnce }).join('');
}

function render(): void {
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    const rules = tracker(1000).ruleSet(RULES);
    if (rules.tables.nat.size < 11_000) throw new Error('rules are missing');
    return performance.now() - started;
  });
  const name = 'kube-proxy: model and rules of 1,000 services x 10, against 150 ms';
  results.push(result(name, 'ms', median(times), 150, 'at most', 1));
}

class Programs {
  readonly #children: ChildProcess[] = [];
  #proxy: ChildProcess | undefined;
  #lines: { text: string; at: number }[] = [];
  #woken = () => {};

  async apiServer(program: string): Promise<void> {
    const { key, cert } = selfSigned();
    const options = JSON.stringify({
      key,
      cert,
      token: TOKEN,
      dataDir: mkdtempSync(join(folder, 'data-')),
    });
    const child = this.#start(program, options);
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const port = /listening (\d+)/.exec(line.toString())?.[1];
    writeFileSync(join(folder, 'ca.crt'), cert);
    const file = { server: `https://127.0.0.1:${port}`, token: TOKEN, caFile: join(folder, 'ca.crt') };
    writeFileSync(join(folder, 'client.json'), JSON.stringify(file));
  }

  proxy(program: string): void {
    const options: Options = {
      ...RULES,
      kubeconfig: join(folder, 'client.json'),
      nodeName: 'node1',
      layout: '1.30',
      nodePortCidrs: [],
      syncPeriodMs: 0,
      minSyncPeriodMs: 0,
      metricsAddress: '127.0.0.1:10249',
      healthzAddress: '127.0.0.1:10256',
      tcpTimeoutEstablished: 0,
      tcpTimeoutCloseWait: 0,
      iptablesVariant: '',
    };
    // The flags of the program in the node (images/node/programs.json).
    const flags = ['--max-semi-space-size=1', '--max-old-space-size=64', '--optimize-for-size'];
    const child = this.#start(program, JSON.stringify(options), flags);
    this.#proxy = child;
    this.#lines = [];
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      for (const text of chunk.split('\n')) this.#lines.push({ text, at: performance.now() });
      this.#woken();
    });
  }

  /** When the next line with these words came. */
  async said(words: string): Promise<number> {
    for (;;) {
      const index = this.#lines.findIndex(({ text }) => text.includes(words));
      const line = this.#lines[index];
      if (line) {
        this.#lines.splice(0, index + 1);
        return line.at;
      }
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
  }

  forget(): void {
    this.#lines = [];
  }

  get megabytes(): number {
    const status = readFileSync(`/proc/${this.#proxy?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }

  #start(program: string, options: string, flags: readonly string[] = []): ChildProcess {
    const child = spawn(process.execPath, [...flags, program, options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    return child;
  }
}

async function load(count: number): Promise<void> {
  const client = clientFromFile(join(folder, 'client.json'), 'bench');
  for (let from = 0; from < count; from += 50) {
    const part = Array.from({ length: Math.min(50, count - from) }, (_, n) => from + n);
    await Promise.all(
      part.flatMap((index) => [
        client.create<Service>(SERVICES, service(index)),
        client.create<EndpointSlice>(ENDPOINT_SLICES, slice(index, ENDPOINTS)),
      ]),
    );
  }
}

/** One endpoint less and one more, in turn. @returns ms from the write to the rule in force */
async function changes(programs: Programs, rounds: number): Promise<number[]> {
  const client = clientFromFile(join(folder, 'client.json'), 'bench');
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const index = round >> 1;
    const { endpoints } = slice(index, ENDPOINTS - 1 + (round % 2));
    programs.forget();
    const started = performance.now();
    await client.patch(ENDPOINT_SLICES, `svc-${index}-x`, 'default', { endpoints });
    times.push((await programs.said('SyncProxyRules complete')) - started);
  }
  return times;
}

async function cluster(count: number, programs: Programs, program: Record<string, string>): Promise<number> {
  empty();
  await programs.apiServer(program.server ?? '');
  await load(count);
  programs.proxy(program.proxy ?? '');
  const from = await programs.said('Caches are synced');
  return (await programs.said('SyncProxyRules complete')) - from;
}

async function large(program: Record<string, string>): Promise<void> {
  const input = plainInput(1000);
  empty();
  const plain = restore(input);
  const shared = input.split('\n').filter((line) => /^-A KUBE-SERVICES /.test(line));
  // A partial sync of the real one: the shared chains whole, and the service that changed.
  const chain = /-j (KUBE-SVC-\w+)/.exec(shared[0] ?? '')?.[1] ?? '';
  const own = input.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
  const partial = [
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    `:${chain} - [0:0]`,
    ...shared,
    ...own,
    'COMMIT',
    '',
  ].join('\n');
  const baseline = median(Array.from({ length: 7 }, () => restore(partial)));
  const programs = new Programs();
  try {
    const first = await cluster(1000, programs, program);
    const note = `${input.length >> 20} MB, real kube-proxy 4900 ms`;
    const against = 'against iptables-restore alone';
    results.push(
      result(`kube-proxy: first sync of 1,000 services, ${against}`, 'ms', first, plain, 'at most', 1, note),
    );
    const times = await changes(programs, 30);
    const worst = `worst ${Math.max(...times).toFixed(0)} ms; real 110 ms, worst 360 ms`;
    const one = 'kube-proxy: one endpoint of 1,000 services, from API write to rule';
    results.push(result(`${one}, against 80 ms`, 'ms', median(times), 80, 'at most', 1, worst));
    results.push(result(`${one}, against a partial restore`, 'ms', median(times), baseline, 'at most', 1));
    const memory = programs.megabytes;
    results.push(result('kube-proxy: resident, against 90 MB', 'MB', memory, 90, 'at most', 1, 'real 96 MB'));
  } finally {
    await programs.stop();
  }
}

async function small(program: Record<string, string>): Promise<void> {
  const programs = new Programs();
  try {
    await cluster(50, programs, program);
    const times = await changes(programs, 60);
    const note = `worst ${Math.max(...times).toFixed(0)} ms, ${programs.megabytes.toFixed(0)} MB`;
    const name = 'kube-proxy: one endpoint of 50 services, from API write to rule, against 25 ms';
    results.push(result(name, 'ms', median(times), 25, 'at most', 1, note));
  } finally {
    await programs.stop();
  }
}

try {
  const entries = {
    server: 'test/control-plane/support/server-main.ts',
    proxy: 'bench/kube-proxy/program.ts',
  };
  const compiled = await bundle(root, 'bench-kube-proxy', entries, { external: ['lmdb'], splitting: false });
  const program = {
    server: join(compiled.folder, 'server.js'),
    proxy: join(compiled.folder, 'proxy.js'),
  };
  render();
  await small(program);
  await large(program);
  process.stdout.write(JSON.stringify(results));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
