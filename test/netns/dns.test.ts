import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import { SERVICES } from '../../lab/api/client/index.ts';
import type { Service } from '../../lab/api/objects/index.ts';
import { bundle } from '../../lab/bootstrap/bundle.js';
import { type NetnsApi, startNetnsApi } from './api.ts';

/*
 * coredns as a program, on port 53 of a namespace, with kubeadm's Corefile, a real API server, and a resolv.conf that
 * names another server: a second coredns, which knows nothing but a table. Needs root, not Docker.
 */
const NAMESPACE = 'hoplab-dns';
const POD = '192.168.8.207';
const OUTSIDE = '10.1.0.53';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hoplab-netns-dns-'));
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const inNamespace = (...argv: string[]) => [`--net=/run/netns/${NAMESPACE}`, ...argv];

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const corefile = (resolvConf: string) => `.:53 {
    bind ${POD}
    errors
    log
    health {
       lameduck 100ms
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . ${resolvConf} {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
}

async function start(program: string, ...args: string[]): Promise<Running> {
  const child = spawn('nsenter', inNamespace(process.execPath, program, ...args), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('CoreDNS-')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`coredns ended with ${code}: ${output}`)));
  });
  return { child, output: () => output };
}

/** Asks with c-ares from within the namespace. @returns the answer as JSON, or the error's code */
async function ask(method: string, ...args: string[]): Promise<unknown> {
  const script = `
    const { Resolver } = require('node:dns').promises;
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers(['${POD}']);
    resolver[process.argv[1]](...process.argv.slice(2)).then(
      (answer) => console.log(JSON.stringify(answer)),
      (error) => console.log(JSON.stringify(error.code)),
    );`;
  // Not synchronously: the API server is in this process.
  const argv = inNamespace(process.execPath, '-e', script, method, ...args);
  const { stdout } = await promisify(execFile)('nsenter', argv);
  return JSON.parse(stdout);
}

let api: NetnsApi;
let outside: Running;
let coredns: Running;
let startCoredns: () => Promise<Running>;

beforeAll(async () => {
  // One that a killed run left.
  if (existsSync(`/run/netns/${NAMESPACE}`)) ip('netns', 'del', NAMESPACE);
  ip('netns', 'add', NAMESPACE);
  ip('-n', NAMESPACE, 'link', 'set', 'lo', 'up');
  for (const address of [POD, OUTSIDE]) ip('-n', NAMESPACE, 'addr', 'add', `${address}/32`, 'dev', 'lo');
  api = await startNetnsApi(NAMESPACE, join(folder, 'api.sock'));
  const entries = { coredns: 'lab/network/dns/main.ts' };
  const out = await bundle(root, 'test-dns', entries, { external: [], splitting: false });
  const program = join(out.folder, 'coredns.js');
  const table = file(
    'Corefile.outside',
    `. {\n bind ${OUTSIDE}\n hosts {\n 203.0.113.10 www.example.com\n 10.1.0.89 client.lab.example\n }\n}\n`,
  );
  outside = await start(program, '-conf', table);
  const resolvConf = file('resolv.conf', `nameserver ${OUTSIDE}\nsearch lab.example\n`);
  const { server, token, ca } = api.access;
  const caFile = file('ca.crt', String(ca));
  const kubeconfig = file('coredns.json', JSON.stringify({ server, token, caFile }));
  const conf = file('Corefile', corefile(resolvConf));
  await api.client.create<Service>(SERVICES, {
    metadata: { name: 'wordpress-db', namespace: 'default' },
    spec: { ports: [{ name: 'mysql', port: 3306 }], clusterIP: '10.96.23.229' },
  });
  startCoredns = () => start(program, '-conf', conf, '-kubeconfig', kubeconfig);
  coredns = await startCoredns();
});

afterAll(async () => {
  coredns?.child.kill('SIGKILL');
  outside?.child.kill('SIGKILL');
  await api?.close();
  ip('netns', 'del', NAMESPACE);
  rmSync(folder, { recursive: true, force: true });
});

test('names of the cluster and of the outside', async () => {
  expect(await ask('resolve4', 'wordpress-db.default.svc.cluster.local')).toEqual(['10.96.23.229']);
  expect(await ask('resolve6', 'wordpress-db.default.svc.cluster.local')).toBe('ENODATA');
  expect(await ask('resolve4', 'nothere.default.svc.cluster.local')).toBe('ENOTFOUND');
  expect(await ask('reverse', '10.96.23.229')).toEqual(['wordpress-db.default.svc.cluster.local']);
  expect(await ask('resolveSrv', '_mysql._tcp.wordpress-db.default.svc.cluster.local')).toEqual([
    { name: 'wordpress-db.default.svc.cluster.local', port: 3306, priority: 0, weight: 100 },
  ]);
  expect(await ask('resolve4', 'www.example.com')).toEqual(['203.0.113.10']);
  expect(await ask('reverse', '10.1.0.89')).toEqual(['client.lab.example']);
  await vi.waitFor(() => expect(coredns.output()).toContain('PTR IN 89.0.1.10'), { timeout: 10_000 });
  expect(coredns.output()).toMatch(
    /\[INFO\] 192\.168\.8\.207:\d+ - \d+ "A IN www\.example\.com\. udp 33 false 512" NOERROR/,
  );
});

test('goes on without the API, and follows it again when it is back', async () => {
  const late = 'late.default.svc.cluster.local';
  // Another try is of a name that is not known yet, nor kept from the first.
  onTestFailed(async () => {
    await api.client.delete(SERVICES, 'late', 'default').catch(() => {});
    await vi.waitFor(async () => expect(await ask('resolve4', late)).toBe('ENOTFOUND'), { timeout: 60_000 });
  });
  await api.goAway();
  try {
    expect(await ask('resolve4', 'wordpress-db.default.svc.cluster.local')).toEqual(['10.96.23.229']);
    await api.client.create<Service>(SERVICES, {
      metadata: { name: 'late', namespace: 'default' },
      spec: { ports: [{ port: 80 }], clusterIP: '10.96.23.230' },
    });
    expect(await ask('resolve4', late)).toBe('ENOTFOUND');
  } finally {
    await api.comeBack();
  }
  const deadline = Date.now() + 30_000;
  while (JSON.stringify(await ask('resolve4', late)) !== '["10.96.23.230"]') {
    if (Date.now() > deadline) throw new Error(coredns.output());
  }
});

test('ends in peace', async () => {
  const { child } = coredns;
  // With its streams: the last lines may come after its end.
  const closed = once(child, 'close');
  onTestFailed(async () => {
    child.kill('SIGKILL');
    await closed;
    coredns = await startCoredns();
  });
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  expect(coredns.output()).toContain('[INFO] SIGTERM: Shutting down servers then terminating');
  expect(coredns.output()).toContain('[INFO] plugin/health: Going into lameduck mode for 0.1s');
});
