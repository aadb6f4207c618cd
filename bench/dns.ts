import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENDPOINT_SLICES, httpsClient, SERVICES } from '../lab/api/client/index.ts';
import type { Service } from '../lab/api/objects/index.ts';
import { bundle } from '../lab/bootstrap/bundle.js';
import { KINDS } from '../lab/control-plane/kinds/index.ts';
import { queryFor } from '../lab/network/dns/testing/fake-dns.ts';
import { decodeMessage, encodeMessage, type Message, recordText } from '../lab/network/dns/wire/index.ts';
import { selfSigned } from '../test/control-plane/support/certificate.ts';
import { ADMIN_TOKEN } from '../test/control-plane/support/client.ts';
import { startTestServer } from '../test/control-plane/support/server.ts';
import { report } from './report.ts';
import { type BenchResult, result } from './result.ts';

// coredns as its pod runs it, in a process of its own, against a real API server over TLS.
const SERVICE_COUNT = 1000;
const ENDPOINTS_EACH = 10;
const CHANGES = 100;
const QUESTIONS = 40_000;
const AT_ONCE = 32;
const PORT = 5399;
const OPTIONS = { external: [], splitting: false };

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hoplab-bench-dns-'));
const { key, cert } = selfSigned();
const api = await startTestServer({ kinds: KINDS, key, cert });
const server = `https://127.0.0.1:${api.api.port}`;
const client = httpsClient({ server, token: ADMIN_TOKEN, ca: Buffer.from(cert) });

const COREFILE = `.:${PORT} {
  bind 127.0.0.1
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    ttl 30
  }
  cache 30
  loadbalance
}
`;

const query = (id: number, name: string) => queryFor(`${name}.default.svc.cluster.local.`, 'A', { id });

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ??
  Number.NaN;

const service = (name: string): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80 }] },
});

const slice = (name: string, index: number) => ({
  metadata: { name: `${name}-abcde`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
  addressType: 'IPv4',
  ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  endpoints: Array.from({ length: ENDPOINTS_EACH }, (_, i) => ({
    addresses: [`192.168.${index % 250}.${(Math.floor(index / 250) * ENDPOINTS_EACH + i) % 250}`],
    conditions: { ready: true },
  })),
});

async function fill(): Promise<void> {
  let next = 0;
  const writer = async () => {
    while (next < SERVICE_COUNT) {
      const index = next++;
      await client.create(SERVICES, service(`s${index}`));
      await client.create(ENDPOINT_SLICES, slice(`s${index}`, index));
    }
  };
  await Promise.all(Array.from({ length: 16 }, writer));
}

async function start(): Promise<{ child: ChildProcess; ms: number }> {
  const { folder: out } = await bundle(root, 'bench-dns', { coredns: 'lab/network/dns/main.ts' }, OPTIONS);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const caFile = file('ca.crt', cert);
  const kubeconfig = file('coredns.json', JSON.stringify({ server, token: ADMIN_TOKEN, caFile }));
  const conf = file('Corefile', COREFILE);
  const memory = ['--max-semi-space-size=1', '--max-old-space-size=64'];
  const args = [...memory, join(out, 'coredns.js'), '-conf', conf, '-kubeconfig', kubeconfig];
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('CoreDNS-')) resolve();
    });
  });
  return { child, ms: performance.now() - started };
}

/** A socket whose answers are handed to whoever asked. */
function asker() {
  const socket = createSocket('udp4').unref();
  const waiting = new Map<number, (answer: Message) => void>();
  let id = 0;
  socket.on('message', (bytes) => {
    const answer = decodeMessage(bytes);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return (name: string): Promise<Message> =>
    new Promise((resolve) => {
      id = (id + 1) & 0xffff;
      waiting.set(id, resolve);
      socket.send(encodeMessage(query(id, name)), PORT, '127.0.0.1');
    });
}

const ask = asker();

async function changes(): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < CHANGES; round++) {
    const started = performance.now();
    const { spec } = await client.create<Service>(SERVICES, service(`late${round}`));
    for (;;) {
      const [answer] = (await ask(`late${round}`)).answers;
      if (answer && recordText(answer).endsWith(` ${spec.clusterIP}`)) break;
    }
    times.push(performance.now() - started);
  }
  return times;
}

async function rate(): Promise<{ perSecond: number; times: number[] }> {
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < QUESTIONS) {
      const sent = performance.now();
      await ask(`s${next++ % SERVICE_COUNT}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { perSecond: QUESTIONS / ((performance.now() - started) / 1000), times };
}

const residentMegabytes = (pid = 0) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

await fill();
const { child, ms } = await start();
const results: BenchResult[] = [];
try {
  const times = await changes();
  const { perSecond, times: asked } = await rate();
  const size = `${SERVICE_COUNT} services x ${ENDPOINTS_EACH} endpoints, serving after ${ms.toFixed(0)} ms, ${residentMegabytes(child.pid).toFixed(0)} MB`;
  const questions = `${perSecond.toFixed(0)} questions/s over UDP, ${AT_ONCE} at once, median ${percentile(asked, 0.5).toFixed(2)} ms`;
  for (const [name, part, note] of [
    ['median', 0.5, size],
    ['p99', 0.99, questions],
  ] as const) {
    const title = `dns: API write to changed answer, ${name}, against 100 ms`;
    results.push(result(title, 'ms', percentile(times, part), 100, 'at most', 1, note));
  }
  report(results);
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await api.close();
  rmSync(folder, { recursive: true, force: true });
}
