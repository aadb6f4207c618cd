import type { LabelSelector, Pod } from '../../../../api/objects/index.ts';
import { seeded } from '../../../../testing/index.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../calc/index.ts';
import type { Cluster } from './semantics.ts';

export const NODES = ['node-1', 'node-2'] as const;
export const OUTSIDE = ['10.1.0.89', '10.1.110.254', '203.0.113.10'];
export const PORTS = [53, 80, 81, 82, 443, 8080, 8081, 9000];
export const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

const NAMESPACES = ['default', 'iks', 'kube-system'];
const KEYS = ['app', 'tier', 'team'];
const VALUES = ['a', 'b', 'c'];
const PORT_NAMES = ['http', 'dns', 'metrics'];

/** A cluster of a few namespaces, pods on two nodes, and policies of every shape. */
export function randomCluster(seed: number): Cluster {
  const next = seeded(seed);
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const some = <T>(max: number, make: () => T): T[] => Array.from({ length: below(max + 1) }, make);
  const chance = (p: number) => next() < p;

  const labels = () => Object.fromEntries(KEYS.filter(() => chance(0.5)).map((key) => [key, pick(VALUES)]));
  const selector = (): LabelSelector => ({
    ...(chance(0.6) ? { matchLabels: Object.fromEntries(some(1, () => [pick(KEYS), pick(VALUES)])) } : {}),
    ...(chance(0.4)
      ? {
          matchExpressions: some(2, () => {
            const operator = pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
            const values = operator.endsWith('In') ? [pick(VALUES), pick(VALUES)] : [];
            return { key: pick(KEYS), operator, ...(values.length > 0 ? { values } : {}) };
          }),
        }
      : {}),
  });
  const peer = (): NetworkPolicyPeer => {
    if (chance(0.3)) {
      const cidr = pick(['0.0.0.0/0', '192.168.0.0/16', '192.168.8.7/29', '10.1.0.0/16', '192.168.8.3/32']);
      const inner =
        cidr === '0.0.0.0/0' ? ['192.168.8.0/24', '10.1.0.89/32', '203.0.113.0/24'] : ['192.168.8.0/30'];
      return { ipBlock: { cidr, ...(chance(0.5) ? { except: some(3, () => pick(inner)) } : {}) } };
    }
    const kind = below(3);
    return {
      ...(kind !== 1 ? { podSelector: selector() } : {}),
      ...(kind !== 0 ? { namespaceSelector: selector() } : {}),
    };
  };
  const port = (): NetworkPolicyPort => {
    const protocol = chance(0.7) ? { protocol: pick(PROTOCOLS).toUpperCase() } : {};
    const kind = next();
    if (kind < 0.15) return protocol;
    if (kind < 0.45) return { ...protocol, port: pick(PORT_NAMES) };
    const first = pick(PORTS);
    return { ...protocol, port: first, ...(chance(0.3) ? { endPort: first + below(200) } : {}) };
  };
  // Now and then more ports than one match of iptables takes.
  const ports = () =>
    chance(0.1) ? Array.from({ length: 20 }, (_, i) => ({ port: 60 + 3 * i })) : some(4, port);

  const namespaces = new Map(NAMESPACES.map((name) => [name, labels()]));
  const pods = Array.from({ length: 4 + below(8) }, (_, i): Pod => {
    const address = `192.168.8.${i + 1}`;
    return {
      metadata: { name: `pod-${i}`, namespace: pick(NAMESPACES), labels: labels() },
      spec: {
        nodeName: pick(NODES),
        containers: [
          {
            name: 'c',
            ports: PORT_NAMES.filter(() => chance(0.5)).map((name) => ({
              name,
              containerPort: pick(PORTS),
              ...(chance(0.7) ? { protocol: pick(PROTOCOLS).toUpperCase() } : {}),
            })),
          },
        ],
      },
      status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] },
    };
  });
  const policies = Array.from({ length: below(7) }, (_, i): NetworkPolicy => {
    const policyTypes = pick([['Ingress'], ['Egress'], ['Ingress', 'Egress'], undefined]);
    const egress = policyTypes ? policyTypes.includes('Egress') : chance(0.5);
    return {
      metadata: { name: `policy-${i}`, namespace: pick(NAMESPACES) },
      spec: {
        podSelector: selector(),
        ...(policyTypes ? { policyTypes } : {}),
        ingress: some(2, () => ({ from: some(3, peer), ports: ports() })),
        ...(egress ? { egress: some(2, () => ({ to: some(3, peer), ports: ports() })) } : {}),
      },
    };
  });
  return { namespaces, pods, policies };
}
