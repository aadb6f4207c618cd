import { findCondition } from '../../../api/conditions.ts';
import type { ContainerStatus, Pod } from '../../../api/objects/index.ts';
import { isPodActive, isPodReady } from '../../../api/pods.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The pods to delete when there are `count` too many: those first whose loss hurts least. pkg/controller ActivePodsWithRanks.
 *
 * @param related the active pods of all ReplicaSets of the same Deployment: nodes that carry many of them are relieved first
 */
export function podsToDelete(
  pods: readonly Pod[],
  related: readonly Pod[],
  count: number,
  now: number,
): Pod[] {
  if (count >= pods.length) return [...pods];
  const onNode = new Map<string, number>();
  for (const pod of related.filter(isPodActive)) {
    const node = pod.spec.nodeName ?? '';
    onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const compare = rank((pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0, now);
  return [...pods].sort(compare).slice(0, count);
}

/** Negative: the first is deleted before the second. */
function rank(doubledUp: (pod: Pod) => number, now: number): (a: Pod, b: Pod) => number {
  const rules: ((a: Pod, b: Pod) => number)[] = [
    (a, b) => Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)),
    (a, b) => phaseRank(a) - phaseRank(b),
    (a, b) => Number(isPodReady(a)) - Number(isPodReady(b)),
    (a, b) => deletionCost(a) - deletionCost(b),
    (a, b) => doubledUp(b) - doubledUp(a),
    (a, b) => (isPodReady(a) && isPodReady(b) ? younger(readySince(a), readySince(b), a, b, now) : 0),
    (a, b) => restarts(b.status?.containerStatuses) - restarts(a.status?.containerStatuses),
    (a, b) => younger(created(a), created(b), a, b, now),
  ];
  return (a, b) => {
    for (const rule of rules) {
      const order = rule(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

const phaseRank = (pod: Pod): number => PHASE_RANK[pod.status?.phase ?? ''] ?? 0;
const created = (pod: Pod): number | undefined => time(pod.metadata.creationTimestamp);
const readySince = (pod: Pod): number | undefined =>
  time(findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime);

function time(text: string | null | undefined): number | undefined {
  return text ? Date.parse(text) : undefined;
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? '0';
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function restarts(statuses: readonly ContainerStatus[] | undefined): number {
  return Math.max(0, ...(statuses ?? []).map(({ restartCount }) => restartCount ?? 0));
}

/**
 * Ages are compared by their order of magnitude (LogarithmicScaleDown, on since 1.22) and, within one, by uid: otherwise the
 * youngest pods, often all in one zone, would always be the victims.
 */
function younger(first: number | undefined, second: number | undefined, a: Pod, b: Pod, now: number): number {
  if (first === second) return 0;
  if (first === undefined) return -1;
  if (second === undefined) return 1;
  const difference = magnitude(now - first) - magnitude(now - second);
  if (difference !== 0) return difference;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1;
}

/** Of an age in nanoseconds, as the real controller's; -1 for none. */
function magnitude(ms: number): number {
  return ms > 0 ? Math.floor(Math.log2(ms * 1e6)) : -1;
}
