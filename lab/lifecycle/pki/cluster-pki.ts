import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import type { FileSpec } from '../../engine/index.ts';
import { hostAddress, type Node, type Topology } from '../../topology/index.ts';
import { issue, makeAuthority, type Pair } from './certificates.ts';

/** Components that speak to the API server, with the identity that a real cluster gives them. */
const IDENTITIES = {
  admin: { user: 'kubernetes-admin', groups: ['system:masters'] },
  'kube-apiserver': { user: 'kube-apiserver', groups: ['system:masters'] },
  'controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  scheduler: { user: 'system:kube-scheduler', groups: [] },
  'calico-node': {
    user: 'system:serviceaccount:kube-system:calico-node',
    groups: ['system:serviceaccounts'],
  },
  'kube-proxy': { user: 'system:serviceaccount:kube-system:kube-proxy', groups: ['system:serviceaccounts'] },
  metallb: { user: 'system:serviceaccount:iks:essential-metallb', groups: ['system:serviceaccounts'] },
  'vip-manager': { user: 'system:vip-manager', groups: [] },
} as const;

/** Those whose pods run on every node; the others are the control plane's. */
const ON_EVERY_NODE = ['calico-node', 'kube-proxy', 'metallb'] as const;

/** What a lab's cluster keeps for as long as it lives; the control plane holds it at {@link PKI_STATE_PATH}. */
export interface ClusterPki {
  readonly authority: Pair;
  /** By component; `kubelet:NODE` for a node's kubelet. */
  readonly tokens: Readonly<Record<string, string>>;
}

export const PKI_STATE_PATH = '/etc/kubernetes/pki/state.json';
export const ADMIN_CONF = '/etc/kubernetes/admin.conf';
const PKI = '/etc/kubernetes/pki';
const SECRET = 0o600;

const newToken = () => randomBytes(24).toString('base64url');

/** Makes a certificate authority and tokens, or adds the tokens of nodes that are new to what there is. */
export async function completePki(topology: Topology, present: ClusterPki | undefined): Promise<ClusterPki> {
  const names = [...Object.keys(IDENTITIES), ...topology.nodes.map(({ name }) => `kubelet:${name}`)];
  const tokens = Object.fromEntries(names.map((name) => [name, present?.tokens[name] ?? newToken()]));
  return { authority: present?.authority ?? (await makeAuthority(`hoplab-${topology.name}-ca`)), tokens };
}

/** The files of one node, certificates issued anew. */
export async function nodePkiFiles(topology: Topology, pki: ClusterPki, node: Node): Promise<FileSpec[]> {
  const server = apiServerUrl(topology);
  const token = (name: string) => pki.tokens[name] ?? '';
  const client = (name: string, more: object = {}) => ({
    path: `/etc/kubernetes/${name.split(':')[0]}.json`,
    content: json({ server, token: token(name), caFile: `${PKI}/ca.crt`, ...more }),
    mode: SECRET,
  });
  const kubelet = await issue(pki.authority, {
    name: `system:node:${node.nodeName}`,
    dns: [node.nodeName, node.name],
    ips: [node.interface.address],
  });
  const files: FileSpec[] = [
    { path: `${PKI}/ca.crt`, content: pki.authority.cert },
    { path: `${PKI}/kubelet.crt`, content: kubelet.cert },
    { path: `${PKI}/kubelet.key`, content: kubelet.key, mode: SECRET },
    client(`kubelet:${node.name}`, { serverTokens: [token('kube-apiserver')] }),
    ...ON_EVERY_NODE.map((name) => client(name)),
  ];
  return node.role === 'control-plane'
    ? [...files, ...(await controlPlaneFiles(topology, pki, node))]
    : files;
}

async function controlPlaneFiles(topology: Topology, pki: ClusterPki, node: Node): Promise<FileSpec[]> {
  const { cluster } = topology;
  const server = await issue(pki.authority, {
    name: 'kube-apiserver',
    dns: [
      node.nodeName,
      node.name,
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      `kubernetes.default.svc.${cluster.clusterDomain}`,
    ],
    ips: [
      node.interface.address,
      hostAddress(cluster.serviceCIDR, 1),
      '127.0.0.1',
      ...(cluster.loadBalancer.apiAddress === undefined ? [] : [cluster.loadBalancer.apiAddress]),
    ],
  });
  const url = apiServerUrl(topology);
  const client = (name: string) => ({
    path: `/etc/kubernetes/${name}.json`,
    content: json({ server: url, token: pki.tokens[name], caFile: `${PKI}/ca.crt` }),
    mode: SECRET,
  });
  return [
    { path: PKI_STATE_PATH, content: json(pki), mode: SECRET },
    { path: `${PKI}/apiserver.crt`, content: server.cert },
    { path: `${PKI}/apiserver.key`, content: server.key, mode: SECRET },
    { path: `${PKI}/tokens.json`, content: json(tokenFile(topology, pki)), mode: SECRET },
    client('controller-manager'),
    client('scheduler'),
    client('vip-manager'),
    { path: ADMIN_CONF, content: adminConf(topology, pki), mode: SECRET },
  ];
}

/** The rows of the API server's `--token-auth-file`. */
export function tokenFile(topology: Topology, pki: ClusterPki): object[] {
  const components = Object.entries(IDENTITIES).map(([name, { user, groups }]) => ({
    token: pki.tokens[name],
    user,
    uid: name,
    groups: [...groups, 'system:authenticated'],
  }));
  const kubelets = topology.nodes.map((node) => ({
    token: pki.tokens[`kubelet:${node.name}`],
    user: `system:node:${node.nodeName}`,
    uid: node.nodeName,
    groups: ['system:nodes', 'system:authenticated'],
  }));
  return [...components, ...kubelets];
}

/** The kubeconfig of the person at the keyboard. */
function adminConf(topology: Topology, pki: ClusterPki): string {
  const name = topology.name;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: apiServerUrl(topology),
          'certificate-authority-data': Buffer.from(pki.authority.cert).toString('base64'),
        },
      },
    ],
    users: [{ name: 'kubernetes-admin', user: { token: pki.tokens.admin } }],
    contexts: [{ name, context: { cluster: name, user: 'kubernetes-admin' } }],
    'current-context': name,
  });
}

/** Where the cluster's API is: on the control plane's own address. */
export function apiServerUrl(topology: Topology): string {
  const node = topology.nodes.find(({ role }) => role === 'control-plane');
  return `https://${node?.interface.address}:6443`;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
