import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestClient } from '../test/control-plane/support/client.ts';
import { RawConnection } from '../test/control-plane/support/raw-connection.ts';
import {
  type ServerProcess,
  serverProgram,
  startProcess,
} from '../test/control-plane/support/server-process.ts';
import { report } from './report.ts';
import { type BenchResult, result } from './result.ts';

// The API server alone, in a process of its own, over TLS, durable. The figures beside ours are those of the real
// kube-apiserver 1.31 with etcd on the same kind of machine.
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const WATCHERS = 50;

const results: BenchResult[] = [];
const add = (
  what: string,
  value: number,
  unit: string,
  atMost: boolean,
  limit: number,
  real: string,
): void => {
  const name = `apiserver: ${what}, against ${limit} ${unit}`;
  results.push(result(name, unit, value, limit, atMost ? 'at most' : 'at least', 1, `real 1.31: ${real}`));
};

const objectOf = (name: string, size: number): string => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: '' } };
  object.data.text = 'x'.repeat(Math.max(0, size - JSON.stringify(object).length));
  return JSON.stringify(object);
};

async function creates(port: number, prefix: string, writers: number, count: number): Promise<number> {
  const connections = await Promise.all(Array.from({ length: writers }, () => RawConnection.open(port)));
  let next = 0;
  const started = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        await connection.send('POST', CONFIG_MAPS, objectOf(`${prefix}-${next++}`, 1024));
        if (connection.code !== 201) throw new Error(`create answered ${connection.code}`);
      }
    }),
  );
  const rate = count / ((performance.now() - started) / 1000);
  for (const connection of connections) connection.close();
  return rate;
}

/** A pod of 2 KB. */
function pod(index: number): string {
  const containers = [{ name: 'c', image: 'nginx:latest' }];
  const annotations = { filler: 'x'.repeat(1500) };
  return JSON.stringify({
    metadata: { name: `pod-${index}`, labels: { app: `a${index % 50}` }, annotations },
    spec: { containers },
  });
}

async function listPods(port: number): Promise<{ ms: number; megabytes: number }> {
  const connections = await Promise.all(Array.from({ length: 32 }, () => RawConnection.open(port)));
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < 5000) await connection.send('POST', PODS, pod(next++));
    }),
  );
  const times: number[] = [];
  let size = 0;
  const [connection] = connections;
  for (let round = 0; connection && round < 9; round++) {
    const started = performance.now();
    size = (await connection.send('GET', PODS)).length;
    times.push(performance.now() - started);
  }
  for (const each of connections) each.close();
  return { ms: percentile(times, 0.5), megabytes: size / 1e6 };
}

async function events(server: ServerProcess): Promise<readonly number[]> {
  const client = new TestClient(server.url);
  const waiting = new Map<string, { sent: number; times: number[]; done: () => void }>();
  const watches = Array.from({ length: WATCHERS }, () =>
    client.watch(`/api/v1/namespaces/kube-public/configmaps?watch=1`, (event) => {
      const write = waiting.get(event.object.metadata.name as string);
      if (!write) return;
      write.times.push(performance.now() - write.sent);
      if (write.times.length === WATCHERS) write.done();
    }),
  );
  await Promise.all(watches.map(({ started }) => started));
  const connection = await RawConnection.open(server.port);
  const all: number[] = [];
  for (let index = 0; index < 200; index++) {
    const name = `latency-${index}`;
    const times: number[] = [];
    const seen = new Promise<void>((done) => waiting.set(name, { sent: performance.now(), times, done }));
    await connection.send('POST', '/api/v1/namespaces/kube-public/configmaps', objectOf(name, 1024));
    await seen;
    all.push(...times);
  }
  for (const { stop } of watches) stop();
  connection.close();
  client.close();
  return all;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function residentMegabytes(pid: number): number {
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1024;
}

async function withServer(use: (server: ServerProcess) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hoplab-bench-apiserver-'));
  const server = await startProcess(program, directory);
  try {
    await use(server);
  } finally {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

const program = await serverProgram();
await withServer(async (server) => {
  await creates(server.port, 'warm', 8, 500);
  add(
    'creates of 1 KB, one after the other',
    await creates(server.port, 's', 1, 2000),
    '/s',
    false,
    700,
    '500/s',
  );
  add('creates of 1 KB, 64 at once', await creates(server.port, 'c', 64, 7500), '/s', false, 3000, '2500/s');
  add('resident with 10,000 objects', residentMegabytes(server.pid), 'MB', true, 150, '306 MB');
});
await withServer(async (server) => {
  const { ms, megabytes } = await listPods(server.port);
  add(`list of 5,000 pods (${megabytes.toFixed(1)} MB)`, ms, 'ms', true, 120, '160 ms');
  const times = await events(server);
  add(`write to event, ${WATCHERS} watchers, median`, percentile(times, 0.5), 'ms', true, 3, '4.6 ms');
  add(`write to event, ${WATCHERS} watchers, p99`, percentile(times, 0.99), 'ms', true, 9, '9 ms');
});
report(results);
