import { findCondition, setCondition } from '../../../api/conditions.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from '../../../api/objects/index.ts';
import { controllerOf } from '../../../api/owners.ts';
import { isPodTerminal } from '../../../api/pods.ts';
import { desiredReplicas, revisionOf } from './annotations.ts';
import { ensureNewest, findNewest } from './newest.ts';
import { isRolling, size, wanted } from './replica-counts.ts';
import { active, reconcileNewest, reconcileOld, scale, scaleTo } from './scaling.ts';
import { calculateStatus, condition, hasDeadline, isComplete, rolloutStatus, TIMED_OUT } from './status.ts';
import { Plan, type Step } from './steps.ts';

/** Go's MaxInt32 stands for "keep all". */
const KEEP_ALL = 2 ** 31 - 1;

export interface DeploymentState {
  readonly deployment: Deployment;
  /** The Deployment's own ReplicaSets. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Pods of these; only Recreate looks at them. */
  readonly pods: readonly Pod[];
  /** Milliseconds. */
  readonly now: number;
}

/**
 * What has to be written to bring a Deployment one step on. Every write changes the ReplicaSets, and that brings the next sync.
 * The arithmetic and the order are the real controller's: pkg/controller/deployment syncDeployment.
 */
export function planDeployment(state: DeploymentState): readonly Step[] {
  const { replicaSets, now } = state;
  const plan = new Plan(state.deployment);
  const existing = findNewest(state.deployment, replicaSets);
  const old = replicaSets.filter((set) => set !== existing);
  if (state.deployment.metadata.deletionTimestamp) {
    const newest = ensureNewest(plan, old, existing, false, now);
    setStatus(plan, calculateStatus(withNewest(old, newest), newest, plan.deployment, now));
    return plan.steps;
  }
  checkPaused(plan, now);
  if (plan.deployment.spec.paused || isScalingEvent(plan.deployment, replicaSets)) {
    const newest = ensureNewest(plan, old, existing, false, now);
    scale(plan, newest, old);
    if (plan.deployment.spec.paused) cleanUp(plan, old);
    setStatus(plan, calculateStatus(withNewest(old, newest), newest, plan.deployment, now));
  } else if (isRolling(plan.deployment)) {
    rollingUpdate(plan, old, existing, now);
  } else {
    recreate(plan, old, existing, state);
  }
  return plan.steps;
}

const withNewest = (old: readonly ReplicaSet[], newest: ReplicaSet | undefined): ReplicaSet[] =>
  newest ? [...old, newest] : [...old];

function isScalingEvent(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return active(sets).some((set) => {
    const desired = desiredReplicas(set);
    return desired !== undefined && desired !== wanted(deployment);
  });
}

/** A pause is told by the condition Progressing, so that the deadline does not run meanwhile. checkPausedConditions. */
function checkPaused(plan: Plan, now: number): void {
  const { spec, status } = plan.deployment;
  if (!hasDeadline(plan.deployment)) return;
  const current = findCondition(status?.conditions, 'Progressing');
  if (current?.reason === TIMED_OUT) return;
  const isMarked = current?.reason === 'DeploymentPaused';
  if (Boolean(spec.paused) === isMarked) return;
  const [reason, message] = spec.paused
    ? (['DeploymentPaused', 'Deployment is paused'] as const)
    : (['DeploymentResumed', 'Deployment is resumed'] as const);
  const conditions = setCondition(
    status?.conditions,
    condition('Progressing', 'Unknown', reason, message, now),
  );
  plan.updateStatus({ ...status, conditions });
}

function rollingUpdate(
  plan: Plan,
  old: readonly ReplicaSet[],
  existing: ReplicaSet | undefined,
  now: number,
): void {
  const newest = ensureNewest(plan, old, existing, true, now) as ReplicaSet;
  const all = withNewest(old, newest);
  const moved = reconcileNewest(plan, newest, all) || reconcileOld(plan, newest, active(old));
  if (!moved && isComplete(plan.deployment)) cleanUp(plan, old);
  setStatus(plan, rolloutStatus(all, newest, plan.deployment, now));
}

/** All old pods must have gone before the first new one comes. rolloutRecreate. */
function recreate(
  plan: Plan,
  old: readonly ReplicaSet[],
  existing: ReplicaSet | undefined,
  state: DeploymentState,
): void {
  const { now, pods } = state;
  let newest = ensureNewest(plan, old, existing, false, now);
  const shrinking = active(old);
  for (const set of shrinking) scaleTo(plan, set, 0);
  if (shrinking.length === 0 && !oldPodsRun(newest, old, pods)) {
    newest ??= ensureNewest(plan, old, undefined, true, now) as ReplicaSet;
    if (size(newest) !== wanted(plan.deployment)) scaleTo(plan, newest, wanted(plan.deployment));
    if (isComplete(plan.deployment)) cleanUp(plan, old);
  }
  setStatus(plan, rolloutStatus(withNewest(old, newest), newest, plan.deployment, now));
}

function oldPodsRun(
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  pods: readonly Pod[],
): boolean {
  if (old.some(({ status }) => (status?.replicas ?? 0) > 0)) return true;
  return pods.some((pod) => controllerOf(pod)?.uid !== newest?.metadata.uid && !isPodTerminal(pod));
}

/** Deletes old, empty ReplicaSets above the history limit, lowest revisions first. cleanupDeployment. */
function cleanUp(plan: Plan, old: readonly ReplicaSet[]): void {
  const limit = plan.deployment.spec.revisionHistoryLimit ?? 10;
  if (limit === KEEP_ALL) return;
  const alive = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  const surplus = [...alive]
    .sort((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, alive.length - limit));
  for (const set of surplus) {
    const { metadata, status } = set;
    const settled = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
    const empty = size(set) === 0 && (status?.replicas ?? 0) === 0;
    if (empty && settled) plan.steps.push({ do: 'deleteReplicaSet', replicaSet: set });
  }
}

function setStatus(plan: Plan, status: DeploymentStatus): void {
  if (!sameStatus(plan.deployment.status, status)) plan.updateStatus(status);
}

/** Absent counts are zero; everything else must be equal. */
export function sameStatus(a: DeploymentStatus | undefined, b: DeploymentStatus): boolean {
  return canonicalJson(withoutZeros(a ?? {})) === canonicalJson(withoutZeros(b));
}

function withoutZeros({ conditions = [], ...counts }: DeploymentStatus): unknown {
  const plain = conditions.map((one) =>
    Object.entries(one)
      .filter(([, value]) => value !== '')
      .sort(),
  );
  return {
    conditions: plain,
    ...Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)),
  };
}
