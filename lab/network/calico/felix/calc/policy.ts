import { ipv4Network } from './cidr.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from './network-policy.ts';
import { type PortRange, portsByProtocol } from './ports.ts';
import { ALL, peerSelector, podSelector, type Selector, selectorId, uniqueId } from './selector.ts';

/** What an ip set of a policy holds: addresses of the selected pods, or these with the number of a named port. */
export interface SetDefinition {
  readonly id: string;
  readonly selector: Selector;
  /** Protocol in lower case and name of a container port. */
  readonly port?: { readonly protocol: string; readonly name: string };
}

/** The side of a rule that is not the pod's own: a network, exceptions from it, and a selector's set. */
export interface RulePeer {
  readonly net?: string;
  readonly notNets: readonly string[];
  readonly sets: readonly SetDefinition[];
}

/** One permission, in the form in which Felix renders it; conditions are met all together. */
export interface PolicyRule {
  readonly protocol?: string;
  readonly source: RulePeer;
  readonly destination: RulePeer;
  /** Destination ports; a packet needs one of these or of {@link namedPorts}. */
  readonly ports: readonly PortRange[];
  readonly namedPorts: readonly SetDefinition[];
}

export interface Policy {
  /** `NAMESPACE/knp.default.NAME`: the policies of a pod are asked in the order of these. */
  readonly id: string;
  readonly namespace: string;
  readonly selector: Selector;
  readonly types: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress: readonly PolicyRule[];
  readonly egress: readonly PolicyRule[];
}

const ANYBODY: RulePeer = { notNets: [], sets: [] };

/** A peer with its selector kept apart, since named ports are looked up among the selected pods. */
interface Peer {
  readonly net?: string;
  readonly notNets: readonly string[];
  readonly selector?: Selector;
}

class BadPeerError extends Error {}

/** @returns undefined for a block of another address family, which no IPv4 packet comes from */
function convertPeer(peer: NetworkPolicyPeer, namespace: string): Peer | undefined {
  if (!peer.ipBlock) {
    return {
      notNets: [],
      selector: peerSelector(peer.podSelector, peer.namespaceSelector, namespace),
    };
  }
  const { cidr, except } = peer.ipBlock;
  const networks = [cidr, ...(except ?? [])].map((text) => {
    const network = ipv4Network(text);
    if (network === undefined) throw new BadPeerError(`invalid CIDR ${text}`);
    return network;
  });
  const [net = '', ...notNets] = networks;
  if (net === 'other') return undefined;
  return { net, notNets: notNets.filter((one) => one !== 'other') };
}

/** Every protocol of a rule with every peer; protocols come first. */
function convertRule(
  peers: readonly NetworkPolicyPeer[] | null | undefined,
  ports: readonly NetworkPolicyPort[] | null | undefined,
  namespace: string,
  direction: 'ingress' | 'egress',
  report: (problem: string) => void,
): PolicyRule[] {
  const converted = (peers ?? []).flatMap((peer) => {
    try {
      return convertPeer(peer, namespace) ?? [];
    } catch (error) {
      // A peer that cannot be understood lets nobody in; Calico's own code would let in everybody.
      report((error as Error).message);
      return [];
    }
  });
  const everybody: Peer[] = [{ notNets: [] }];
  const from = peers && peers.length > 0 ? converted : everybody;
  return portsByProtocol(ports).flatMap(({ protocol, ports: wanted }) =>
    from.map(({ selector, ...block }): PolicyRule => {
      const names = wanted?.names ?? [];
      const ranges = wanted?.ranges ?? [];
      const owner = direction === 'egress' && selector ? selector : ALL;
      // A named port's set is of the selected pods already, so the selector's own set is not needed besides.
      const covered = direction === 'egress' && names.length > 0 && ranges.length === 0;
      const sets = selector && !covered ? [{ id: selectorId(selector), selector }] : [];
      const peer = { ...block, sets };
      return {
        ...(protocol ? { protocol } : {}),
        source: direction === 'ingress' ? peer : ANYBODY,
        destination: direction === 'egress' ? peer : ANYBODY,
        ports: ranges,
        namedPorts: names.map((name) => namedPortSet(owner, protocol ?? 'tcp', name)),
      };
    }),
  );
}

/** Felix calc/rule_scanner.go `IPSetData.UniqueID`. */
function namedPortSet(selector: Selector, protocol: string, name: string): SetDefinition {
  return {
    id: uniqueId('n', `${selectorId(selector)},${protocol},${name}`),
    selector,
    port: { protocol, name },
  };
}

/**
 * A NetworkPolicy as Calico's own policy. A rule with a bad port is left out, and a policy never permits more
 * because a part of it was not understood.
 *
 * @param report told of what is left out
 * @throws BadSelectorError when its podSelector cannot be understood
 * @see libcalico-go lib/backend/k8s/conversion `K8sNetworkPolicyToCalico`
 */
export function convertPolicy(object: NetworkPolicy, report: (problem: string) => void): Policy {
  const { name = '', namespace = '' } = object.metadata;
  const { spec = {} } = object;
  const types = spec.policyTypes ?? [];
  // The API server fills policyTypes in; for an object that came without them this is what it would have put there.
  const egress = types.includes('Egress') || (types.length === 0 && (spec.egress ?? []).length > 0);
  const guarded = (direction: 'ingress' | 'egress', convert: () => PolicyRule[]): PolicyRule[] => {
    try {
      return convert();
    } catch (error) {
      report(`${direction} rule left out: ${(error as Error).message}`);
      return [];
    }
  };
  return {
    id: `${namespace}/knp.default.${name}`,
    namespace,
    selector: podSelector(spec.podSelector),
    types: { ingress: types.length === 0 || types.includes('Ingress'), egress },
    ingress: (spec.ingress ?? []).flatMap((rule) =>
      guarded('ingress', () => convertRule(rule.from, rule.ports, namespace, 'ingress', report)),
    ),
    egress: (spec.egress ?? []).flatMap((rule) =>
      guarded('egress', () => convertRule(rule.to, rule.ports, namespace, 'egress', report)),
    ),
  };
}
