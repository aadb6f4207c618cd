import type { LabelSelector, Pod } from '../../../../api/objects/index.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../calc/index.ts';

/*
 * What a NetworkPolicy means, straight from the API's documentation and without a thought of Calico: the test's yardstick.
 */

export interface Cluster {
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly pods: readonly Pod[];
  readonly policies: readonly NetworkPolicy[];
}

/** One end of a connection: a pod, or an address outside the cluster. */
export interface End {
  readonly address: string;
  readonly pod?: Pod;
}

type Direction = 'ingress' | 'egress';

function labelled(selector: LabelSelector | null | undefined, labels: Record<string, string> = {}): boolean {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {}))
    if (labels[key] !== value) return false;
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const has = Object.hasOwn(labels, key);
    const listed = has && (values ?? []).includes(labels[key] ?? '');
    if (operator === 'In' && !listed) return false;
    if (operator === 'NotIn' && listed) return false;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
  }
  return true;
}

const bits = (address: string): string =>
  address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');

function inBlock(cidr: string, address: string): boolean {
  const [base = '', length = ''] = cidr.split('/');
  return bits(base).slice(0, Number(length)) === bits(address).slice(0, Number(length));
}

function isPeer(
  cluster: Cluster,
  policy: NetworkPolicy,
  peer: NetworkPolicyPeer,
  { address, pod }: End,
): boolean {
  if (peer.ipBlock) {
    const { cidr, except } = peer.ipBlock;
    return inBlock(cidr, address) && !(except ?? []).some((block) => inBlock(block, address));
  }
  if (!pod) return false;
  const namespace = pod.metadata.namespace ?? '';
  const rightNamespace = peer.namespaceSelector
    ? labelled(peer.namespaceSelector, cluster.namespaces.get(namespace))
    : namespace === policy.metadata.namespace;
  return rightNamespace && labelled(peer.podSelector, pod.metadata.labels);
}

function isPort(wanted: NetworkPolicyPort, protocol: string, port: number, destination: End): boolean {
  const name = (wanted.protocol ?? 'TCP').toLowerCase();
  if (name !== protocol) return false;
  if (wanted.port === undefined || wanted.port === null) return true;
  if (typeof wanted.port === 'number') return wanted.port <= port && port <= (wanted.endPort ?? wanted.port);
  return (destination.pod?.spec.containers ?? []).some((container) =>
    (container.ports ?? []).some(
      (own) =>
        own.name === wanted.port &&
        (own.protocol ?? 'TCP').toLowerCase() === protocol &&
        own.containerPort === port,
    ),
  );
}

/** Whether the policies that select a pod let a connection pass in one direction. */
function passes(
  cluster: Cluster,
  direction: Direction,
  own: End,
  other: End,
  protocol: string,
  port: number,
): boolean {
  const { pod } = own;
  if (!pod) return true;
  const isolating = cluster.policies.filter(({ metadata, spec }) => {
    const types = spec?.policyTypes?.length
      ? spec.policyTypes
      : ['Ingress', ...(spec?.egress?.length ? ['Egress'] : [])];
    const concerned = types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
    return (
      concerned &&
      metadata.namespace === pod.metadata.namespace &&
      labelled(spec?.podSelector, pod.metadata.labels)
    );
  });
  if (isolating.length === 0) return true;
  const destination = direction === 'ingress' ? own : other;
  return isolating.some((policy) =>
    (policy.spec?.[direction] ?? []).some((rule) => {
      const peers =
        (direction === 'ingress'
          ? (rule as { from?: NetworkPolicyPeer[] }).from
          : (rule as { to?: NetworkPolicyPeer[] }).to) ?? [];
      const ports = rule.ports ?? [];
      return (
        (peers.length === 0 || peers.some((peer) => isPeer(cluster, policy, peer, other))) &&
        (ports.length === 0 || ports.some((one) => isPort(one, protocol, port, destination)))
      );
    }),
  );
}

export function allowed(cluster: Cluster, from: End, to: End, protocol: string, port: number): boolean {
  return (
    passes(cluster, 'egress', from, to, protocol, port) &&
    passes(cluster, 'ingress', to, from, protocol, port)
  );
}
