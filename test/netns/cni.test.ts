import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterConfig } from '../../lab/api/cluster.ts';
import { FileDatastore } from '../../lab/network/calico/datastore/index.ts';
import { Ipam, type IpamKinds, poolConfig, storeProblems } from '../../lab/network/calico/ipam/index.ts';
import { cniConfList, GATEWAY, HOST_MAC, vethName } from '../../lab/node/cni/index.ts';

/*
 * The real plugin, as an executable, between a namespace that plays the node and two that are pods. Needs root, not
 * Docker; nothing outside these namespaces is touched.
 */
const NODE = 'hoplab-cni-node';
const PODS = ['hoplab-cni-a', 'hoplab-cni-b'] as const;
const [A, B] = PODS.map((name) => `/run/netns/${name}`) as [string, string];
const NODE_NAME = 'iks-networking-example-cl-iks-networ-ac625d72ba';

const dir = mkdtempSync(join(tmpdir(), 'hoplab-cni-'));
const plugin = join(dir, 'calico.cjs');
let cluster: ClusterConfig;
let datastore: string;
let runs = 0;

interface Call {
  readonly command: string;
  readonly id?: string;
  readonly netns?: string;
  readonly pod?: string;
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
}

beforeAll(() => {
  buildSync({
    entryPoints: [new URL('../../lab/node/cni/main.ts', import.meta.url).pathname],
    outfile: plugin,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeEach(() => {
  removeNamespaces();
  for (const name of [NODE, ...PODS]) ip('netns', 'add', name);
  // A way out, as every node has: proxy ARP answers for 169.254.1.1 only where the route to it leads elsewhere.
  for (const line of [
    'link set lo up',
    'link add ens192 type bridge',
    'address add 10.1.110.107/24 dev ens192',
    'link set ens192 up',
    'route add default via 10.1.110.254',
  ]) {
    ip('-n', NODE, ...line.split(' '));
  }
  inNode('sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward');
  datastore = join(dir, `store-${runs++}`);
  cluster = {
    lab: 'iks',
    podCIDR: '192.168.0.0/16',
    blockSize: 26,
    serviceCIDR: '10.96.0.0/16',
    clusterDNS: '10.96.0.10',
    clusterDomain: 'cluster.local',
    encapsulation: 'Always',
    mtu: 1440,
    natOutgoing: true,
    strictAffinity: false,
    bgp: { asNumber: 64512, keepaliveTime: 30, holdTime: 90 },
    nodes: [],
  };
});
afterEach(removeNamespaces);

function removeNamespaces(): void {
  for (const name of [NODE, ...PODS]) if (existsSync(`/run/netns/${name}`)) ip('netns', 'delete', name);
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}
function inside(netns: string, ...command: string[]): string {
  return execFileSync('nsenter', [`--net=${netns}`, ...command], { encoding: 'utf8' });
}
function inNode(...command: string[]): string {
  return inside(`/run/netns/${NODE}`, ...command);
}

/** What a runtime passes: the first plugin of the list with the list's name and version. */
function config(extra: Record<string, unknown> = {}): Record<string, unknown> {
  const { plugins, name, cniVersion } = JSON.parse(cniConfList(cluster, NODE_NAME));
  const { capabilities: _, ...first } = plugins[0];
  const log_file_path = join(dir, 'log', 'cni.log');
  return { ...first, name, cniVersion, datastore_path: datastore, log_file_path, ...extra };
}

async function call(options: Call): Promise<{ exitCode: number | null; out: string; json: Json }> {
  const { command, id = 'c1', netns = A, pod = 'wordpress-frontend-7b884dd698-d8w44' } = options;
  const child = spawn('nsenter', [`--net=/run/netns/${NODE}`, process.execPath, plugin], {
    env: {
      PATH: process.env.PATH,
      CNI_COMMAND: command,
      CNI_CONTAINERID: id,
      CNI_NETNS: netns,
      CNI_IFNAME: 'eth0',
      CNI_PATH: dir,
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=${pod};K8S_POD_UID=u`,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(options.stdin ?? JSON.stringify(options.config ?? config()));
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, out, json: out === '' ? {} : JSON.parse(out) };
}
interface Json {
  readonly code?: number;
  readonly msg?: string;
  readonly details?: string;
  readonly interfaces?: { name: string; mac: string; sandbox?: string }[];
  readonly ips?: { address: string; interface: number }[];
  readonly supportedVersions?: string[];
}

const store = () => new FileDatastore<IpamKinds>(datastore);
const ipam = () => new Ipam(store(), poolConfig(cluster));
const caliInterfaces = () => inNode('ip', '-o', 'link').match(/cali\w+/g) ?? [];
const pinTo = (address: string) =>
  config({
    runtimeConfig: {
      'io.kubernetes.cri.pod-annotations': { 'cni.projectcalico.org/ipAddrs': `["${address}"]` },
    },
  });

describe('ADD', () => {
  it('wires a pod as Calico does', async () => {
    await ipam().ensureTunnelAddress(NODE_NAME);
    const { exitCode, json } = await call({ command: 'ADD' });
    expect(exitCode).toBe(0);
    const host = 'cali11aba968e90';
    expect(json.interfaces).toEqual([
      { name: host, mac: HOST_MAC },
      { name: 'eth0', mac: expect.stringMatching(/^[0-9a-f:]{17}$/), sandbox: A },
    ]);
    expect(json.ips).toEqual([{ interface: 1, address: '192.168.8.193/32' }]);

    const [eth0] = JSON.parse(inside(A, 'ip', '-j', 'address', 'show', 'eth0'));
    expect(eth0).toMatchObject({ mtu: 1440, operstate: 'UP', address: json.interfaces?.[1]?.mac });
    expect(eth0.addr_info).toContainEqual(
      expect.objectContaining({ family: 'inet', local: '192.168.8.193', prefixlen: 32, scope: 'global' }),
    );
    expect(inside(A, 'ip', 'route').trim().split(/ *\n/)).toEqual([
      'default via 169.254.1.1 dev eth0',
      '169.254.1.1 dev eth0 scope link',
    ]);
    expect(inside(A, 'cat', '/proc/sys/net/ipv4/ip_forward').trim()).toBe('0');

    const [cali] = JSON.parse(inNode('ip', '-j', 'link', 'show', host));
    expect(cali).toMatchObject({ mtu: 1440, operstate: 'UP', address: HOST_MAC });
    // The two ends name each other by interface index.
    expect(cali.link_index).toBe(eth0.ifindex);
    expect(inNode('ip', 'route', 'show', 'dev', host).trim()).toBe('192.168.8.193 scope link');
    const sysctl = (path: string) => inNode('cat', `/proc/sys/net/ipv4/${path}`).trim();
    expect(sysctl(`conf/${host}/proxy_arp`)).toBe('1');
    expect(sysctl(`conf/${host}/forwarding`)).toBe('1');
    expect(sysctl(`neigh/${host}/proxy_delay`)).toBe('0');
    expect(readFileSync(join(dir, 'log', 'cni.log'), 'utf8')).toContain('ADD default/wordpress-frontend');
  });

  it('lets two pods of a node talk, through a gateway that answers ARP at once', async () => {
    const a = await call({ command: 'ADD' });
    const b = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' });
    const target = b.json.ips?.[0]?.address.split('/')[0] ?? '';
    const ping = inside(A, 'ping', '-n', '-c', '2', '-i', '0.2', '-W', '2', target);
    expect(ping).toContain('2 received');
    // One router, the node, lies between: the TTL of the answer is one less than the 64 it was sent with.
    expect(ping).toContain('ttl=63');
    expect(Number(ping.match(/time=([\d.]+)/)?.[1])).toBeLessThan(200);
    expect(inside(A, 'ip', 'neigh')).toMatch(`${GATEWAY} dev eth0 lladdr ${HOST_MAC}`);
    expect(a.json.ips?.[0]?.address).not.toBe(b.json.ips?.[0]?.address);
  });

  it('gives the address that the annotation asks for, and says who has it when it is taken', async () => {
    const first = await call({ command: 'ADD', config: pinTo('192.168.8.200') });
    expect(first.json.ips?.[0]?.address).toBe('192.168.8.200/32');
    const second = await call({
      command: 'ADD',
      id: 'c2',
      netns: B,
      pod: 'db',
      config: pinTo('192.168.8.200'),
    });
    expect(second.exitCode).toBe(1);
    expect(second.json).toMatchObject({
      code: 101,
      msg: 'address 192.168.8.200 is already in use by pod default/wordpress-frontend-7b884dd698-d8w44 (block 192.168.8.192/26)',
    });
    const outside = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db', config: pinTo('10.9.9.9') });
    expect(outside.json.code).toBe(102);
    expect(caliInterfaces()).toHaveLength(1);
    expect(await storeProblems(store())).toEqual([]);
  });

  it('says that the pool is exhausted and leaves nothing behind', async () => {
    cluster = { ...cluster, podCIDR: '192.168.8.192/31', blockSize: 31 };
    await ipam().ensureTunnelAddress(NODE_NAME);
    expect((await call({ command: 'ADD' })).exitCode).toBe(0);
    const { exitCode, json } = await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' });
    expect(exitCode).toBe(1);
    expect(json.code).toBe(100);
    expect(json.msg).toContain(`no free address for node ${NODE_NAME} in pool 192.168.8.192/31`);
    expect(caliInterfaces()).toHaveLength(1);
    expect(await storeProblems(store())).toEqual([]);
    expect((await call({ command: 'DEL' })).exitCode).toBe(0);
    expect((await call({ command: 'ADD', id: 'c2', netns: B, pod: 'db' })).exitCode).toBe(0);
  });

  it('rolls back when the wiring fails, and leaves alone what was there before', async () => {
    ip('-n', PODS[0], 'link', 'add', 'eth0', 'type', 'bridge');
    const there = await call({ command: 'ADD' });
    expect(there.json).toMatchObject({ code: 103, details: expect.stringContaining('File exists') });
    expect(there.json.details).toContain(`nsenter --net=${A} sh -c`);
    expect(ip('-n', PODS[0], 'link')).toContain('eth0');
    ip('-n', PODS[0], 'link', 'delete', 'eth0');
    // A route that is in the way: fails after the pair was made.
    ip('-n', PODS[0], 'link', 'add', 'x', 'type', 'bridge');
    ip('-n', PODS[0], 'link', 'set', 'x', 'up');
    ip('-n', PODS[0], 'route', 'add', 'default', 'dev', 'x');
    const later = await call({ command: 'ADD' });
    expect(later.json.code).toBe(103);
    expect(ip('-n', PODS[0], 'link')).not.toContain('eth0');
    expect(caliInterfaces()).toEqual([]);
    expect(await store().list('IPAMHandle')).toEqual([]);
    expect(await storeProblems(store())).toEqual([]);
  });

  it('replaces the host end of an earlier sandbox of the same pod; its late DEL leaves the new one alone', async () => {
    expect((await call({ command: 'ADD' })).exitCode).toBe(0);
    const again = await call({ command: 'ADD', id: 'c2', netns: B });
    expect(again.exitCode).toBe(0);
    ip('netns', 'delete', PODS[0]);
    expect((await call({ command: 'DEL' })).exitCode).toBe(0);
    expect(caliInterfaces()).toHaveLength(1);
    expect((await ipam().listBlocks())[0]?.used).toBe(1);
  });

  it('refuses a second ADD and keeps the first', async () => {
    const first = await call({ command: 'ADD' });
    expect((await call({ command: 'ADD' })).json).toMatchObject({ code: 106 });
    expect(inside(A, 'ip', 'address')).toContain(first.json.ips?.[0]?.address);
    expect(await ipam().addressesByHandle('k8s-pod-network.c1')).toHaveLength(1);
  });
});

describe('DEL', () => {
  it('leaves nothing, and may be repeated', async () => {
    await call({ command: 'ADD' });
    for (let i = 0; i < 2; i++) {
      expect(await call({ command: 'DEL' })).toMatchObject({ exitCode: 0, out: '' });
    }
    expect(caliInterfaces()).toEqual([]);
    expect(inside(A, 'ip', '-o', 'link').trim().split('\n')).toHaveLength(1);
    expect(inNode('ip', 'route')).not.toContain('cali');
    expect(await store().list('IPAMHandle')).toEqual([]);
    expect((await ipam().listBlocks())[0]?.used).toBe(0);
  });

  it.each([
    ['is not given', ''],
    ['has gone', '/run/netns/hoplab-cni-gone'],
    ['left an empty file', 'FILE'],
  ])('cleans up when the namespace %s but lives on', async (_, netns) => {
    await call({ command: 'ADD' });
    const file = join(dir, 'empty');
    writeFileSync(file, '');
    expect((await call({ command: 'DEL', netns: netns === 'FILE' ? file : netns })).exitCode).toBe(0);
    expect(caliInterfaces()).toEqual([]);
    expect((await ipam().listBlocks())[0]?.used).toBe(0);
  });
});

describe('CHECK', () => {
  it('passes after ADD and names what has changed since', async () => {
    const { json } = await call({ command: 'ADD' });
    const withResult = config({ prevResult: json });
    expect(await call({ command: 'CHECK', config: withResult })).toMatchObject({ exitCode: 0, out: '' });

    const host = vethName('default', 'wordpress-frontend-7b884dd698-d8w44');
    inNode('sh', '-c', `echo 0 >/proc/sys/net/ipv4/conf/${host}/proxy_arp`);
    inside(A, 'ip', 'route', 'delete', 'default');
    const changed = await call({ command: 'CHECK', config: withResult });
    expect(changed.json.code).toBe(105);
    expect(changed.json.details?.split('\n')).toEqual([
      `no default route via ${GATEWAY} in ${A}`,
      `net/ipv4/conf/${host}/proxy_arp is 0, not 1`,
    ]);
    inNode('ip', 'link', 'delete', host);
    const gone = await call({ command: 'CHECK', config: withResult });
    expect(gone.json.details).toContain(`eth0 is missing in ${A}`);
  });

  it('wants prevResult', async () => {
    expect((await call({ command: 'CHECK' })).json).toMatchObject({ code: 7 });
  });
});

describe('a request that is wrong', () => {
  it.each<[string, Call, number]>([
    ['no container id', { command: 'ADD', env: { CNI_CONTAINERID: '' } }, 4],
    ['no namespace', { command: 'ADD', netns: '' }, 4],
    ['a namespace that is not there', { command: 'ADD', netns: '/run/netns/hoplab-cni-gone' }, 3],
    ['a namespace that is a file', { command: 'ADD', netns: '/etc/passwd' }, 4],
    ["the node's own namespace", { command: 'ADD', netns: `/run/netns/${NODE}` }, 4],
    ['an unknown command', { command: 'UPDATE' }, 4],
    ['nothing on stdin', { command: 'ADD', stdin: '' }, 6],
    ['no JSON on stdin', { command: 'ADD', stdin: '{"cniVersion":' }, 6],
    ['a version it does not speak', { command: 'ADD', stdin: '{"cniVersion":"9.0.0"}' }, 1],
  ])('%s', async (_, options, code) => {
    const { exitCode, json } = await call(options);
    expect(exitCode).toBe(1);
    expect(json).toMatchObject({ code, msg: expect.any(String) });
    expect(caliInterfaces()).toEqual([]);
    expect(existsSync(datastore)).toBe(false);
  });

  it('a datastore that cannot be written', async () => {
    const file = join(dir, 'not-a-directory');
    writeFileSync(file, '');
    const { json } = await call({ command: 'ADD', config: config({ datastore_path: file }) });
    expect(json).toMatchObject({ code: 104, msg: expect.stringContaining(file) });
    expect(caliInterfaces()).toEqual([]);
  });
});

it('VERSION lists the versions', async () => {
  const { exitCode, json } = await call({ command: 'VERSION', stdin: '{"cniVersion":"0.3.1"}' });
  expect(exitCode).toBe(0);
  expect(json).toEqual({ cniVersion: '0.3.1', supportedVersions: ['0.3.0', '0.3.1', '0.4.0', '1.0.0'] });
});
