import { matchesNodeAffinity } from '../../api/node-affinity.ts';
import type { Pod, TopologySpreadConstraint } from '../../api/objects/index.ts';
import { selects } from '../../api/selectors.ts';
import { untolerated } from '../../api/tolerations.ts';
import type { NodeInfo } from './cluster.ts';

/** Whether a node is in no domain of a constraint (`unlabelled`), or would make its domain too full (`skewed`). */
export type SpreadProblem = 'unlabelled' | 'skewed';

/**
 * Whether a pod on this node would break one of its constraints that must hold. plugins/podtopologyspread/filtering.go.
 *
 * @param all every node of the cluster: the emptiest domain counts
 */
export function spreadProblem(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): SpreadProblem | undefined {
  const hard = constraints(pod, 'DoNotSchedule');
  for (const constraint of hard) {
    const domain = domainOf(info, constraint);
    if (domain === undefined) return 'unlabelled';
    const counts = countByDomain(pod, constraint, hard, all);
    // A domain of no node that counts is not one of those that are compared.
    const own = counts.get(domain) ?? 0;
    const enough = counts.size >= (constraint.minDomains ?? 1);
    const emptiest = enough ? Math.min(...counts.values()) : 0;
    const self = isMate(pod, constraint, pod) ? 1 : 0;
    if (own + self - emptiest > constraint.maxSkew) return 'skewed';
  }
  return undefined;
}

/** How many mates a pod would have in the node's domains, by the constraints that should hold: fewer is better. */
export function crowding(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): number {
  const soft = constraints(pod, 'ScheduleAnyway');
  return soft.reduce((sum, constraint) => {
    const domain = domainOf(info, constraint);
    if (domain === undefined) return sum;
    return sum + (countByDomain(pod, constraint, soft, all).get(domain) ?? 0);
  }, 0);
}

function constraints({ spec }: Pod, whenUnsatisfiable: string): TopologySpreadConstraint[] {
  return (spec.topologySpreadConstraints ?? []).filter((one) => one.whenUnsatisfiable === whenUnsatisfiable);
}

function domainOf({ node }: NodeInfo, { topologyKey }: TopologySpreadConstraint): string | undefined {
  return node.metadata.labels?.[topologyKey];
}

/** Nodes count that have the labels of all constraints and that the pod could be on, as the constraint's policies say. */
function countByDomain(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  together: readonly TopologySpreadConstraint[],
  all: readonly NodeInfo[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const info of all) {
    const domain = domainOf(info, constraint);
    if (domain === undefined || together.some((one) => domainOf(info, one) === undefined)) continue;
    const { node, pods } = info;
    if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !matchesNodeAffinity(pod.spec, node))
      continue;
    if (constraint.nodeTaintsPolicy === 'Honor' && untolerated(node.spec.taints, pod.spec.tolerations))
      continue;
    const mates = pods.filter((other) => !other.metadata.deletionTimestamp && isMate(pod, constraint, other));
    counts.set(domain, (counts.get(domain) ?? 0) + mates.length);
  }
  return counts;
}

/** `matchLabelKeys` (KEP-3243) narrows the selector to pods with this pod's own values. */
function isMate(
  pod: Pod,
  { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint,
  other: Pod,
): boolean {
  const own = pod.metadata.labels ?? {};
  return (
    other.metadata.namespace === pod.metadata.namespace &&
    selects(labelSelector, other.metadata.labels) &&
    matchLabelKeys.every((key) => own[key] === undefined || other.metadata.labels?.[key] === own[key])
  );
}
