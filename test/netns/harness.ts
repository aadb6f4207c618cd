import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { PAPER_CLUSTER } from '../../lab/api/cluster.fixture.ts';
import type { ClusterConfig } from '../../lab/api/cluster.ts';
import { ApiDatastore } from '../../lab/network/calico/datastore/index.ts';
import { IPAM_RESOURCES, Ipam, poolConfig } from '../../lab/network/calico/ipam/index.ts';
import { cniConfList, cniKubeconfig } from '../../lab/network/calico/node/index.ts';
import { type NetnsApi, startNetnsApi } from './api.ts';

/*
 * The real plugin, as an executable, between a namespace that plays the node and two that are pods, and a real API server
 * that is reached from the node's namespace. Needs root, not Docker; nothing outside these namespaces is touched.
 */
export const NODE = 'hoplab-cni-node';
export const PODS = ['hoplab-cni-a', 'hoplab-cni-b'] as const;
export const [A, B] = PODS.map((name) => `/run/netns/${name}`) as [string, string];
export const NODE_NAME = 'iks-networking-example-cl-iks-networ-ac625d72ba';

export const dir = mkdtempSync(join(tmpdir(), 'hoplab-cni-'));
const plugin = join(dir, 'calico.cjs');

/** State of the running test: a fresh API and cluster for each. */
export const world = {
  cluster: undefined as unknown as ClusterConfig,
  api: undefined as unknown as NetnsApi,
};
const kubeconfig = join(dir, 'calico-kubeconfig');

/** One call of the plugin; what is not given is as for the first pod. */
export interface Call {
  readonly command: string;
  readonly id?: string;
  readonly netns?: string;
  readonly pod?: string;
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  readonly stdin?: string;
}

/** The JSON of results, errors and VERSION in one. */
export interface Answer {
  readonly code?: number;
  readonly msg?: string;
  readonly details?: string;
  readonly interfaces?: { name: string; mac: string; sandbox?: string }[];
  readonly ips?: { address: string; interface: number }[];
  readonly supportedVersions?: string[];
}

/** Makes the namespaces and the bundle for the tests of the calling file. */
export function useNamespaces(): void {
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

  beforeEach(async () => {
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
    world.api = await startNetnsApi(NODE, join(dir, 'api.sock'));
    writeFileSync(kubeconfig, cniKubeconfig(world.api.access));
    world.cluster = { ...PAPER_CLUSTER, nodes: [] };
  });
  afterEach(async () => {
    await world.api.close();
    removeNamespaces();
  });
}

function removeNamespaces(): void {
  for (const name of [NODE, ...PODS]) if (existsSync(`/run/netns/${name}`)) ip('netns', 'delete', name);
}

export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}
export function inside(netns: string, ...command: string[]): string {
  return execFileSync('nsenter', [`--net=${netns}`, ...command], { encoding: 'utf8' });
}
export function inNode(...command: string[]): string {
  return inside(`/run/netns/${NODE}`, ...command);
}

/** What a runtime passes: the first plugin of the list with the list's name and version. */
export function config(extra: Record<string, unknown> = {}): Record<string, unknown> {
  const { plugins, name, cniVersion } = JSON.parse(cniConfList(world.cluster, NODE_NAME));
  const { capabilities: _, ...first } = plugins[0];
  const log_file_path = join(dir, 'log', 'cni.log');
  return { ...first, name, cniVersion, kubernetes: { kubeconfig }, log_file_path, ...extra };
}

export async function call(options: Call): Promise<{ exitCode: number | null; out: string; json: Answer }> {
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
export const store = () => new ApiDatastore(world.api.client, IPAM_RESOURCES);
export const ipam = () => new Ipam(store(), poolConfig(world.cluster));
export const caliInterfaces = () => inNode('ip', '-o', 'link').match(/cali\w+/g) ?? [];
export const pinTo = (address: string) =>
  config({
    runtimeConfig: {
      'io.kubernetes.cri.pod-annotations': { 'cni.projectcalico.org/ipAddrs': `["${address}"]` },
    },
  });
