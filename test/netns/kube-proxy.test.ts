import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { FakeApi } from '../../lab/api/client/fake.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../lab/api/client/index.ts';
import type { RuleLayout } from '../../lab/api/cluster.ts';
import { klog } from '../../lab/api/klog.ts';
import type { EndpointSlice, Service } from '../../lab/api/objects/index.ts';
import { connectEngine, ensureImages } from '../../lab/engine/index.ts';
import {
  ClusterWatch,
  deleteFlows,
  type Iptables,
  Metrics,
  Proxier,
  ProxyHealth,
  type RuleOptions,
  ServiceTracker,
  systemIptables,
} from '../../lab/network/kube-proxy/index.ts';
import { OPTIONS, service, slice } from '../../lab/network/kube-proxy/render.fixture.ts';
import { randomCluster } from '../../lab/network/kube-proxy/testing/random-cluster.fixture.ts';

/*
 * The proxier with the node image's own iptables and conntrack, in a container without a network: its namespace plays the node,
 * two further ones play a pod and a client.
 */
const CONTAINER = `${process.env.HOPLAB_TEST_PREFIX ?? 'hoplab-test'}-kube-proxy`;
const IN_NODE = ['docker', 'exec', '-i', CONTAINER];
const FRONTEND = 'KUBE-SVC-ENODL3HWJ5BZY56Q';
const execute = promisify(execFile);

async function node(script: string): Promise<string> {
  const [program = '', ...args] = [...IN_NODE, 'bash', '-c', script];
  return (await execute(program, args, { maxBuffer: 16 << 20 })).stdout;
}

let iptables: Iptables;
let api: FakeApi;
let logs: string[] = [];
let watch: ClusterWatch;
let proxier: Proxier;
let options: Omit<RuleOptions, 'comments'> = OPTIONS;
let inputs: string[] = [];

async function start(layout: RuleLayout = '1.20'): Promise<void> {
  const log = klog('kube-proxy', (line) => logs.push(line));
  watch = new ClusterWatch(api, () => {});
  proxier = new Proxier({
    tracker: new ServiceTracker(watch, 'worker2', layout, () => {}),
    iptables: {
      ...iptables,
      restore: (list) => {
        inputs.push(list.join(''));
        return iptables.restore(list);
      },
    },
    deleteFlows: (deletions) => deleteFlows(deletions, IN_NODE),
    ruleOptions: () => options,
    onSynced: () => {},
    metrics: new Metrics(),
    health: new ProxyHealth(60_000),
    log,
    syncPeriodMs: 0,
    minSyncPeriodMs: 0,
    refusedInput: '/tmp/hoplab-kube-proxy-refused.rules',
  });
  await watch.synced();
  watch.follow(proxier);
  proxier.start();
  await proxier.settled();
}

/** Until what was written to the API has come by the watch, and its rules are in. */
async function settle(): Promise<void> {
  await after(20);
  await proxier.settled();
}

async function compare(): Promise<void> {
  proxier.resync();
  await proxier.settled();
}

const endpoints = (name: string, port: number, ...list: string[]) =>
  api.patch<EndpointSlice>(ENDPOINT_SLICES, `${name}-x`, 'default', {
    endpoints: slice(name, port, ...list).endpoints,
  });

beforeAll(async () => {
  const image =
    process.env.HOPLAB_NODE_IMAGE ?? (await ensureImages(await connectEngine(), ['node'])).node.tag;
  execFileSync('docker', ['rm', '-f', CONTAINER], { stdio: 'ignore' });
  const caps = ['--cap-add', 'NET_ADMIN', '--cap-add', 'SYS_ADMIN', '--tmpfs', '/run'];
  const run = [
    'run',
    '-d',
    '--init',
    '--name',
    CONTAINER,
    '--network',
    'none',
    ...caps,
    '--entrypoint',
    'sleep',
  ];
  execFileSync('docker', [...run, image, 'infinity'], { stdio: 'ignore' });
  iptables = await systemIptables('', IN_NODE);
  const wire = (name: string, host: string, address: string) =>
    `ip netns add ${name} && ip link add v-${name} type veth peer name eth0 netns ${name} && ip link set v-${name} up &&
     ip address add ${host} dev v-${name} && ip -n ${name} address add ${address} dev eth0 && ip -n ${name} link set eth0 up &&
     ip -n ${name} link set lo up && ip -n ${name} route add default via ${host.split('/')[0]}`;
  await node(
    `mount -o remount,rw /proc/sys; echo 1 >/proc/sys/net/ipv4/ip_forward; ip link set lo up;
     ip address add 10.1.110.107/32 dev lo && ${wire('pod', '192.168.8.192/24', '192.168.8.198/24')} &&
     ${wire('client', '10.1.0.254/24', '10.1.0.89/24')} && ip route add 10.96.0.0/16 dev v-client`,
  );
});
afterAll(() => {
  iptables?.stop();
  execFileSync('docker', ['rm', '-f', CONTAINER], { stdio: 'ignore' });
});

beforeEach(async () => {
  api = new FakeApi();
  logs = [];
  inputs = [];
  options = OPTIONS;
  await node(
    'for t in mangle filter nat; do iptables -t $t -F; iptables -t $t -X; done; conntrack -F 2>/dev/null',
  );
  const ports = [{ port: 80, protocol: 'TCP', nodePort: 32222 }];
  await api.load(SERVICES, service('frontend', { type: 'NodePort', clusterIP: '10.96.17.201', ports }));
  await api.load(SERVICES, service('other', { clusterIP: '10.96.17.202' }));
  await api.load(ENDPOINT_SLICES, slice('frontend', 8080, '192.168.8.198@worker2'));
  await api.load(ENDPOINT_SLICES, slice('other', 80, '192.168.8.200@worker2', '192.168.8.201@worker2'));
});
afterEach(async () => {
  watch.stop();
  await proxier.stop();
});

it.each(['1.20', '1.30'] as const)('layout %s: iptables prints what was written', async (layout) => {
  for (let seed = 0; seed < 12; seed++) {
    const { services, slices } = randomCluster(seed);
    for (const [ref, objects] of [
      [SERVICES, services],
      [ENDPOINT_SLICES, slices],
    ] as const) {
      const fresh = objects.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: `n${seed}` } }));
      await api.load(ref, ...fresh);
    }
  }
  await start(layout);
  expect(inputs).toHaveLength(1);
  expect(inputs[0]?.length).toBeGreaterThan(20_000);
  expect(logs.filter((line) => line.startsWith('E'))).toEqual([]);
  // A second look finds nothing to do: text and order of every rule are those of iptables-save.
  await compare();
  expect(inputs).toHaveLength(1);
});

it('changes from one layout to the other, and leaves none of the first', async () => {
  await start('1.30');
  watch.stop();
  await proxier.stop();
  await start('1.20');
  const rules = await node('iptables-save');
  expect(rules).toContain('KUBE-MARK-DROP');
  expect(rules).not.toContain('KUBE-PROXY-FIREWALL');
  expect(rules).not.toContain('KUBE-EXT-');
  expect(logs.filter((line) => line.startsWith('E'))).toEqual([]);
});

it('puts back what was deleted by hand; chains and counters of others stay', async () => {
  await node(
    `iptables -t nat -N MINE; iptables -t nat -A MINE -j ACCEPT; iptables -t nat -N cali-PREROUTING;
     iptables -t nat -A PREROUTING -j cali-PREROUTING`,
  );
  await start();
  expect(await node('iptables -t nat -S PREROUTING')).toContain(
    '-A PREROUTING -j cali-PREROUTING\n-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES\n',
  );
  // Counters that cannot come from anywhere else.
  await node(
    `printf '*nat\\n[7:700] -A MINE -j RETURN\\nCOMMIT\\n' | iptables-restore --noflush --counters
     ip netns exec client curl -s -m 1 http://10.96.17.202/; true`,
  );
  const before = await node('iptables-save -c -t nat');
  const hit =
    /\[[1-9]\d*:\d+\] -A KUBE-SERVICES -d 10.96.17.202\S+ .*/.exec(before)?.[0] ?? 'no packet counted';
  expect(before).toContain(hit);
  await node(
    `iptables -t nat -D ${FRONTEND} 1; iptables -t nat -D OUTPUT -j KUBE-SERVICES -m comment --comment "kubernetes service portals"`,
  );
  await compare();
  const rules = await node('iptables-save -c -t nat');
  expect(rules).toContain(hit);
  expect(rules).toContain('[7:700] -A MINE -j RETURN');
  expect(inputs.at(-1)?.match(/^[:-].*/gm)).toEqual([
    `:${FRONTEND} - [0:0]`,
    `-A ${FRONTEND} -m comment --comment "default/frontend" -j KUBE-SEP-${rules.match(/-A KUBE-SEP-(\w+) -p tcp .*192.168.8.198:8080/)?.[1]}`,
    '-I OUTPUT 1 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  ]);
  // One endpoint less elsewhere writes one chain: the counters of the shared ones stay.
  await endpoints('other', 80, '192.168.8.200@worker2');
  await settle();
  expect(await node('iptables-save -c -t nat')).toContain(hit);
});

it('carries TCP to the pod: from the node, from a client through the node port, and from the pod to itself', async () => {
  await start();
  // Ends with its standard input.
  const server = `require('net').createServer((s) => s.end(s.remoteAddress)).listen(8080, '0.0.0.0', () => console.log('up')); process.stdin.on('end', () => process.exit()).resume()`;
  const listener = spawn('docker', [
    ...['exec', '-i', CONTAINER, 'ip', 'netns', 'exec', 'pod', 'node', '-e', server],
  ]);
  const ended = once(listener, 'close');
  const ask = (from: string, address: string) =>
    node(`${from} timeout 5 bash -c 'exec 3<>/dev/tcp/${address} && cat <&3'`);
  try {
    await once(listener.stdout, 'data');
    // Masqueraded: the pod sees the node.
    expect(await ask('', '10.96.17.201/80')).toBe('192.168.8.192');
    expect(await ask('ip netns exec client', '10.1.110.107/32222')).toBe('192.168.8.192');
    // Hairpin: not itself, which it would answer directly.
    expect(await ask('ip netns exec pod', '10.96.17.201/80')).toBe('192.168.8.192');
    expect(await node('iptables -t nat -S KUBE-POSTROUTING')).toContain('MASQUERADE --random-fully');
  } finally {
    listener.stdin.end();
    // Its port is free again for another try.
    await ended;
  }
});

it('deletes stale UDP entries, and only those', async () => {
  const ports = [{ port: 53, protocol: 'UDP', nodePort: 30053 }];
  await api.load(SERVICES, service('dns', { type: 'NodePort', clusterIP: '10.96.0.10', ports }));
  const dns = { ...slice('dns', 53, '192.168.8.207@worker2', '192.168.8.208@worker2') };
  await api.load(ENDPOINT_SLICES, { ...dns, ports: [{ port: 53, protocol: 'UDP' }] } as EndpointSlice);
  await start();
  const entry = (source: number, destination: string, port: number, target: string) =>
    `conntrack -I -p udp -s 10.1.0.${source} -d ${destination} --sport 4000 --dport ${port} --dst-nat ${target} -t 300 2>/dev/null; `;
  await node(
    entry(1, '10.96.0.10', 53, '192.168.8.207') +
      entry(2, '10.96.0.10', 53, '192.168.8.208') +
      entry(3, '10.1.110.107', 30053, '192.168.8.208') +
      entry(4, '10.96.0.99', 53, '192.168.8.208'),
  );
  const left = async () => (await node('conntrack -L -p udp 2>/dev/null')).match(/src=10\.1\.0\.\d/g)?.sort();
  expect(await left()).toHaveLength(4);
  await endpoints('dns', 53, '192.168.8.207@worker2');
  await settle();
  expect(await left()).toEqual(['src=10.1.0.1', 'src=10.1.0.4']);
  await api.delete(SERVICES, 'dns', 'default');
  await settle();
  expect(await left()).toEqual(['src=10.1.0.4']);
});

it('says which line was refused, and goes on when it can', async () => {
  await start();
  options = { ...OPTIONS, masqueradeAll: false, clusterCIDR: '300.0.0.0/8' };
  await api.create<Service>(SERVICES, service('late', { clusterIP: '10.96.17.203' }));
  await api.create<EndpointSlice>(ENDPOINT_SLICES, slice('late', 80, '192.168.8.210@worker2'));
  await expect
    .poll(() => logs.find((line) => line.includes('Failed to execute iptables-restore')), { timeout: 10_000 })
    .toContain('line="-A KUBE-SERVICES ! -s 300.0.0.0/8');
  options = OPTIONS;
  await proxier.settled();
  expect(await node('iptables -t nat -S KUBE-SERVICES')).toContain('10.96.17.203');
});

it('writes many services in parts, of which the last one changes what packets meet', async () => {
  const names = Array.from({ length: 150 }, (_, index) => `many-${index}`);
  await api.load(
    SERVICES,
    ...names.map((name, index) => service(name, { clusterIP: `10.96.20.${index + 1}` })),
  );
  const pods = (index: number) => [1, 2].map((n) => `192.168.${10 + n}.${index + 1}@worker1`);
  await api.load(ENDPOINT_SLICES, ...names.map((name, index) => slice(name, 80, ...pods(index))));
  await start();
  const [input = ''] = inputs;
  const commits = input.split('COMMIT\n');
  expect(commits.length).toBeGreaterThan(4);
  expect(commits.filter((text) => text.includes('-A KUBE-SERVICES'))).toHaveLength(1);
  expect(commits.at(-2)).toContain('-I PREROUTING 1');
  await compare();
  expect(inputs).toHaveLength(1);
});
