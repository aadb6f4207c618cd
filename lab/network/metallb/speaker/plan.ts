import { findCondition } from '../../../api/conditions.ts';
import type { EndpointSlice, Node } from '../../../api/objects/index.ts';
import { parseIPv4 } from '../ipv4.ts';
import { type Pool, poolOf } from '../pools.ts';
import type { Release } from '../release.ts';
import { ingressAddresses, isServed, type LoadBalancerService } from '../service.ts';
import { type L2Advertisement, scopeOf } from './advertisements.ts';

/** The cluster, as far as it decides who announces what. */
export interface PlanInput {
  readonly release: Release;
  readonly lbClass?: string | undefined;
  readonly services: readonly LoadBalancerService[];
  readonly slicesOf: (service: LoadBalancerService) => readonly EndpointSlice[];
  readonly nodes: readonly Node[];
  readonly pools: readonly Pool[];
  readonly advertisements: readonly L2Advertisement[];
}

/** What is known of one address. */
export interface Announcement {
  readonly ip: string;
  readonly pool: string;
  /** What the election is keyed by. */
  readonly key: string;
  /** `namespace/name` of the services with this address, in order. */
  readonly services: readonly string[];
  /** Nodes that may announce, if their speakers are alive. */
  readonly candidates: ReadonlySet<string>;
  interfaces(node: string): readonly string[];
}

export interface Plan {
  /** By address. */
  readonly announcements: ReadonlyMap<string, Announcement>;
  /** Why a service is not announced by anybody, in MetalLB's words, by `namespace/name`. */
  readonly reasons: ReadonlyMap<string, string>;
}

const EXCLUDE_LABELS = [
  'node.kubernetes.io/exclude-from-external-load-balancers',
  'node.kubernetes.io/exclude-balancer',
];

/**
 * Nodes that the cluster keeps from load balancing: by label (KEP-1143) or because their network is not there yet. Releases up to 0.10 do
 * not look at either; the label is honoured for them too, since a cluster's administrator who sets it means it.
 */
const isUsable = ({ metadata, status }: Node): boolean =>
  !EXCLUDE_LABELS.some((label) => metadata.labels?.[label] !== undefined) &&
  findCondition(status?.conditions, 'NetworkUnavailable')?.status !== 'True';

/** Nodes with an endpoint that is ready (an endpoint without the condition is: discovery/v1). */
function nodesWithEndpoint(slices: readonly EndpointSlice[]): Set<string> {
  const nodes = new Set<string>();
  for (const { endpoints } of slices) {
    for (const { nodeName, conditions } of endpoints ?? []) {
      if (conditions?.ready !== false && nodeName) nodes.add(nodeName);
    }
  }
  return nodes;
}

const hasEndpoint = (slices: readonly EndpointSlice[]): boolean =>
  slices.some(({ endpoints }) => (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false));

/**
 * Which addresses are announced, and by whom they may be. Up to 0.10 only by nodes with a ready endpoint of the service, whatever its
 * policy; from 0.11 on under policy Cluster by any node, as long as there is an endpoint anywhere.
 *
 * Services that share an address are taken together, so that it is at one node: the key is the first service's, and a node that serves
 * all of them is preferred to one that serves some.
 */
export function planAnnouncements(input: PlanInput): Plan {
  const reasons = new Map<string, string>();
  const groups = new Map<string, { readonly pool: Pool; readonly members: Member[] }>();
  const usable = input.nodes.filter(isUsable);
  for (const service of input.services) {
    const name = `${service.metadata.namespace}/${service.metadata.name}`;
    const found = place(service, input);
    if (typeof found === 'string') {
      reasons.set(name, found);
      continue;
    }
    const group = groups.get(found.ip) ?? { pool: found.pool, members: [] };
    groups.set(found.ip, group);
    group.members.push({ name, nodes: endpointNodes(service, input, usable) });
  }

  const announcements = new Map<string, Announcement>();
  for (const [ip, { pool, members }] of groups) {
    const scope = scopeOf(pool, input.advertisements, usable);
    members.sort((a, b) => (a.name < b.name ? -1 : 1));
    const services = members.map(({ name }) => name);
    const candidates = common(members.map(({ nodes }) => nodes).filter(({ size }) => size > 0));
    const allowed = new Set([...candidates].filter((node) => scope?.nodes.has(node)));
    for (const { name, nodes } of members) {
      if (!scope) reasons.set(name, 'noL2Advertisement');
      else if (nodes.size === 0) reasons.set(name, 'noEndpoints');
    }
    if (!scope || allowed.size === 0) continue;
    const key = input.release === '0.10' ? (services[0] ?? ip) : ip;
    const interfaces = (node: string) => scope.interfaces(node);
    announcements.set(ip, { ip, pool: pool.name, key, services, candidates: allowed, interfaces });
  }
  return { announcements, reasons };
}

interface Member {
  readonly name: string;
  readonly nodes: ReadonlySet<string>;
}

function place(service: LoadBalancerService, input: PlanInput): { ip: string; pool: Pool } | string {
  if (!isServed(service, input.lbClass)) return 'notLoadBalancer';
  const [ip, ...more] = ingressAddresses(service);
  if (ip === undefined || more.length > 0) return 'noIPAllocated';
  if (parseIPv4(ip) === undefined) return 'invalidIP';
  const pool = poolOf(input.pools, ip);
  return pool ? { ip, pool } : 'ipNotAllowed';
}

function endpointNodes(
  service: LoadBalancerService,
  { release, slicesOf }: PlanInput,
  usable: readonly Node[],
): ReadonlySet<string> {
  const slices = slicesOf(service);
  const all = usable.map(({ metadata }) => metadata.name ?? '');
  if (release !== '0.10' && service.spec.externalTrafficPolicy !== 'Local') {
    return new Set(hasEndpoint(slices) ? all : []);
  }
  const nodes = nodesWithEndpoint(slices);
  return new Set(all.filter((node) => nodes.has(node)));
}

/** What all have in common, or, if that is nothing, what any has. */
function common(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const any = new Set(sets.flatMap((set) => [...set]));
  const every = [...any].filter((node) => sets.every((set) => set.has(node)));
  return every.length > 0 ? new Set(every) : any;
}
