import { type Endpoint, endpointLabel } from './endpoint.ts';
import type { Policy, PolicyRule, SetDefinition } from './policy.ts';
import { selectorMatches } from './selector.ts';

/** All that the rules of a node follow from. */
export interface CalcInput {
  /** Kubernetes name of the node. */
  readonly node: string;
  readonly endpoints: Iterable<Endpoint>;
  /** Labels of the namespaces. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly policies: Iterable<Policy>;
}

/** A pod of this node with what applies to it. */
export interface ActiveEndpoint {
  readonly interface: string;
  /** Ids of the policies that isolate it, in the order they are asked; none: it is open. */
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
  readonly profiles: readonly string[];
}

export interface ActivePolicy {
  readonly id: string;
  readonly rules: readonly PolicyRule[];
}

export interface ActiveSet {
  readonly id: string;
  readonly type: 'hash:net' | 'hash:ip,port';
  readonly members: readonly string[];
}

/** What this node has to enforce. */
export interface ActiveState {
  readonly endpoints: readonly ActiveEndpoint[];
  readonly ingress: readonly ActivePolicy[];
  readonly egress: readonly ActivePolicy[];
  readonly profiles: readonly string[];
  readonly sets: readonly ActiveSet[];
}

const NO_LABELS = {};

/**
 * Finds the policies that apply to the node's pods and the members of the ip sets these need. As Felix' calculation
 * graph, but from the whole state each time: for hundreds of pods that takes a millisecond or two.
 */
export function calculate(input: CalcInput): ActiveState {
  const all = [...input.endpoints];
  const labelOf = (endpoint: Endpoint) => (name: string) =>
    endpointLabel(endpoint, input.namespaces.get(endpoint.namespace) ?? NO_LABELS, name);
  const byNamespace = new Map<string, Policy[]>();
  for (const policy of [...input.policies].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    byNamespace.set(policy.namespace, [...(byNamespace.get(policy.namespace) ?? []), policy]);
  }
  const ingress = new Map<string, Policy>();
  const egress = new Map<string, Policy>();
  const profiles = new Set<string>();
  const endpoints = all
    .filter(({ node }) => node === input.node)
    .sort((a, b) => (a.interface < b.interface ? -1 : 1))
    .map((endpoint): ActiveEndpoint => {
      const applying = (byNamespace.get(endpoint.namespace) ?? []).filter((policy) =>
        selectorMatches(policy.selector, labelOf(endpoint)),
      );
      const inbound = applying.filter(({ types }) => types.ingress);
      const outbound = applying.filter(({ types }) => types.egress);
      for (const policy of inbound) ingress.set(policy.id, policy);
      for (const policy of outbound) egress.set(policy.id, policy);
      const own = [`kns.${endpoint.namespace}`, `ksa.${endpoint.namespace}.${endpoint.serviceAccount}`];
      for (const profile of own) profiles.add(profile);
      return {
        interface: endpoint.interface,
        ingress: inbound.map(({ id }) => id),
        egress: outbound.map(({ id }) => id),
        profiles: own,
      };
    });
  const activeIngress = active(ingress, 'ingress');
  const activeEgress = active(egress, 'egress');
  const rules = [...activeIngress, ...activeEgress].flatMap((policy) => policy.rules);
  return {
    endpoints,
    ingress: activeIngress,
    egress: activeEgress,
    profiles: [...profiles].sort(),
    sets: definitions(rules).map((definition) => ({
      id: definition.id,
      type: definition.port ? 'hash:ip,port' : 'hash:net',
      members: members(definition, all, labelOf),
    })),
  };
}

function active(policies: Map<string, Policy>, direction: 'ingress' | 'egress'): ActivePolicy[] {
  return [...policies.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((policy) => ({ id: policy.id, rules: policy[direction] }));
}

function definitions(rules: readonly PolicyRule[]): SetDefinition[] {
  const byId = new Map<string, SetDefinition>();
  for (const rule of rules) {
    for (const set of [...rule.source.sets, ...rule.destination.sets, ...rule.namedPorts]) {
      byId.set(set.id, set);
    }
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function members(
  { selector, port }: SetDefinition,
  endpoints: readonly Endpoint[],
  labelOf: (endpoint: Endpoint) => (name: string) => string | undefined,
): string[] {
  const found = new Set<string>();
  for (const endpoint of endpoints) {
    if (endpoint.addresses.length === 0 || !selectorMatches(selector, labelOf(endpoint))) continue;
    for (const address of endpoint.addresses) {
      if (!port) found.add(address);
      else {
        for (const own of endpoint.ports) {
          if (own.name === port.name && own.protocol === port.protocol) {
            found.add(`${address},${own.protocol}:${own.port}`);
          }
        }
      }
    }
  }
  return [...found].sort();
}
