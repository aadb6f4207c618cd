import { scaledValue } from '../../../api/intstr.ts';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '../../../api/objects/index.ts';
import { isPodAvailable, isPodReady, isPodTerminal } from '../../../api/pods.ts';
import { type Eligibility, eligibility } from './eligibility.ts';

export const REVISION_HASH = 'controller-revision-hash';

export interface DaemonSetState {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  /** The DaemonSet's own pods. */
  readonly pods: readonly Pod[];
  /** Value of the label {@link REVISION_HASH} on pods of the current template. */
  readonly hash: string;
  readonly now: number;
}

export interface DaemonSetPlan {
  /** Names of nodes that need a pod. */
  readonly create: readonly string[];
  readonly delete: readonly Pod[];
  /** Pods that have ended although they should run; they are deleted, with an event. */
  readonly ended: readonly Pod[];
  readonly status: DaemonSetStatus;
}

/** What has to be created and deleted now. pkg/controller/daemon manage, rollingUpdate and updateDaemonSetStatus. */
export function planDaemonSet(state: DaemonSetState): DaemonSetPlan {
  const { daemonSet, nodes } = state;
  const eligible = new Map(nodes.map((node) => [node.metadata.name ?? '', eligibility(daemonSet, node)]));
  const byNode = groupByNode(state.pods);
  const managed = manage(eligible, byNode);
  // Deletions for an update wait until nothing is left to repair, as the real controller syncs again in between.
  const isRolling = (daemonSet.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const outdated = isRolling ? replaceOutdated(state, eligible, byNode) : [];
  const deleted = new Set(managed.delete);
  return {
    create: managed.create,
    ended: managed.ended,
    delete: [
      ...managed.delete,
      ...outdated.filter((pod) => !deleted.has(pod) && !managed.ended.includes(pod)),
    ],
    status: daemonSetStatus(state, eligible, byNode),
  };
}

/** A pod that has ended and is being deleted no longer holds its node. */
function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) && pod.metadata.deletionTimestamp) continue;
    const node = targetNode(pod);
    byNode.set(node, [...(byNode.get(node) ?? []), pod]);
  }
  for (const list of byNode.values()) list.sort(byAge);
  return byNode;
}

/** Where a daemon pod runs or is meant to run. util.GetTargetNodeName. */
export function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = (required?.nodeSelectorTerms ?? []).flatMap(({ matchFields }) => matchFields ?? []);
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0] ?? '';
}

/** Assigned ones first, then older ones. podByCreationTimestampAndPhase. */
function byAge(a: Pod, b: Pod): number {
  const assigned = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName));
  const [first, second] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  return (
    assigned || first.localeCompare(second) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
  );
}

function manage(eligible: ReadonlyMap<string, Eligibility>, byNode: ReadonlyMap<string, readonly Pod[]>) {
  const create: string[] = [];
  const remove: Pod[] = [];
  const ended: Pod[] = [];
  for (const [node, { shouldRun, shouldContinue }] of eligible) {
    const pods = byNode.get(node) ?? [];
    if (shouldRun && pods.length === 0) create.push(node);
    if (!shouldContinue) {
      remove.push(...pods.filter(isAlive));
      continue;
    }
    const alive = pods.filter(isAlive);
    ended.push(...alive.filter(isPodTerminal));
    remove.push(...alive.filter((pod) => !isPodTerminal(pod)).slice(1));
  }
  // Pods that were pinned to a node which is no more.
  for (const [node, pods] of byNode) {
    if (!eligible.has(node)) remove.push(...pods.filter((pod) => isAlive(pod) && !pod.spec.nodeName));
  }
  return { create, delete: remove, ended };
}

const isAlive = (pod: Pod): boolean => !pod.metadata.deletionTimestamp;

/** Old pods that may go now: unavailable ones at once, others within maxUnavailable. */
function replaceOutdated(
  state: DaemonSetState,
  eligible: ReadonlyMap<string, Eligibility>,
  byNode: ReadonlyMap<string, readonly Pod[]>,
): Pod[] {
  const { daemonSet, hash, now } = state;
  const { minReadySeconds = 0 } = daemonSet.spec;
  const desired = [...eligible.values()].filter(({ shouldRun }) => shouldRun).length;
  const limit = scaledValue(daemonSet.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, desired, true);
  // One at a time at least, or nothing would ever move (maxSurge is 0 here).
  const maxUnavailable = Math.max(1, limit);
  let unavailable = 0;
  const free: Pod[] = [];
  const candidates: Pod[] = [];
  for (const [node, { shouldRun }] of eligible) {
    const pods = byNode.get(node) ?? [];
    const current = pods.filter((pod) => pod.metadata.labels?.[REVISION_HASH] === hash);
    const [old] = pods.filter((pod) => !current.includes(pod));
    if (pods.length === 0 && !shouldRun) continue;
    if (pods.length !== 1) {
      unavailable++;
    } else if (!old) {
      const [pod] = current;
      if (!pod || !isPodAvailable(pod, minReadySeconds, now) || !isAlive(pod)) unavailable++;
    } else if (isPodAvailable(old, minReadySeconds, now) && isAlive(old)) {
      candidates.push(old);
    } else {
      unavailable++;
      if (isAlive(old)) free.push(old);
    }
  }
  return [...free, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

function daemonSetStatus(
  { daemonSet, hash, now }: DaemonSetState,
  eligible: ReadonlyMap<string, Eligibility>,
  byNode: ReadonlyMap<string, readonly Pod[]>,
): DaemonSetStatus {
  const { minReadySeconds = 0 } = daemonSet.spec;
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const [node, { shouldRun }] of eligible) {
    const [pod] = byNode.get(node) ?? [];
    if (!shouldRun) {
      if (pod) count.misscheduled++;
      continue;
    }
    count.desired++;
    if (!pod) continue;
    count.current++;
    if (isPodReady(pod)) count.ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) count.available++;
    if (pod.metadata.labels?.[REVISION_HASH] === hash) count.updated++;
  }
  const unavailable = count.desired - count.available;
  const { collisionCount, conditions } = daemonSet.status ?? {};
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misscheduled,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    ...(daemonSet.metadata.generation === undefined
      ? {}
      : { observedGeneration: daemonSet.metadata.generation }),
    ...(count.updated > 0 ? { updatedNumberScheduled: count.updated } : {}),
    ...(count.available > 0 ? { numberAvailable: count.available } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
