import { timestamp } from '../../../api/client/index.ts';
import { findCondition, setCondition, withoutCondition } from '../../../api/conditions.ts';
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from '../../../api/objects/index.ts';
import { maxUnavailable, totalSize, wanted } from './replica-counts.ts';

export const NEW_REPLICA_SET_AVAILABLE = 'NewReplicaSetAvailable';
export const TIMED_OUT = 'ProgressDeadlineExceeded';
/** Go's MaxInt32 stands for "no deadline". */
const NO_DEADLINE = 2 ** 31 - 1;

type Numbers = 'replicas' | 'readyReplicas' | 'availableReplicas';

export function condition(
  type: string,
  status: string,
  reason: string,
  message: string,
  now: number,
): Condition {
  const at = timestamp(now);
  return { type, status, lastUpdateTime: at, lastTransitionTime: at, reason, message };
}

export function hasDeadline({ spec }: Deployment): boolean {
  return (spec.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;
}

/** Status from the ReplicaSets, without the progress condition. calculateStatus. */
export function calculateStatus(
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  deployment: Deployment,
  now: number,
): DeploymentStatus {
  const sum = (field: Numbers) => all.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const availableReplicas = sum('availableReplicas');
  const enough = availableReplicas >= wanted(deployment) - maxUnavailable(deployment);
  const availability = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      );
  const { collisionCount } = deployment.status ?? {};
  return {
    ...(deployment.metadata.generation === undefined
      ? {}
      : { observedGeneration: deployment.metadata.generation }),
    ...counts({
      replicas: sum('replicas'),
      updatedReplicas: newest?.status?.replicas ?? 0,
      readyReplicas: sum('readyReplicas'),
      availableReplicas,
      unavailableReplicas: Math.max(0, totalSize(all) - availableReplicas),
    }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: setCondition(deployment.status?.conditions, availability),
  };
}

/** Zero is written by leaving the field out, as Go's omitempty does. */
function counts(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0));
}

export function isComplete(
  deployment: Deployment,
  status: DeploymentStatus = deployment.status ?? {},
): boolean {
  const count = wanted(deployment);
  return (
    (status.updatedReplicas ?? 0) === count &&
    (status.replicas ?? 0) === count &&
    (status.availableReplicas ?? 0) === count &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

function isProgressing({ status: old = {} }: Deployment, now: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (now.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(now) < outdated(old) ||
    (now.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function isTimedOut(deployment: Deployment, status: DeploymentStatus, now: number): boolean {
  const current = findCondition(status.conditions, 'Progressing');
  if (!current || current.reason === NEW_REPLICA_SET_AVAILABLE) return false;
  if (current.reason === TIMED_OUT) return true;
  return deadline(deployment, current) <= now;
}

/** When the rollout counts as stuck. */
function deadline({ spec }: Deployment, progressing: Condition): number {
  return Date.parse(progressing.lastUpdateTime ?? '') + (spec.progressDeadlineSeconds ?? 0) * 1000;
}

/** Status with the progress of a rollout. syncRolloutStatus. */
export function rolloutStatus(
  all: readonly ReplicaSet[],
  newest: ReplicaSet | undefined,
  deployment: Deployment,
  now: number,
): DeploymentStatus {
  const status = calculateStatus(all, newest, deployment, now);
  let conditions = status.conditions ?? [];
  const current = findCondition(deployment.status?.conditions, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === NEW_REPLICA_SET_AVAILABLE;
  const who = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (!hasDeadline(deployment)) {
    conditions = withoutCondition(conditions, 'Progressing');
  } else if (settled) {
    // Nothing is being rolled out: scaling does not count as progress.
  } else if (isComplete(deployment, status)) {
    const message = `${who} has successfully progressed.`;
    conditions = setCondition(
      conditions,
      condition('Progressing', 'True', NEW_REPLICA_SET_AVAILABLE, message, now),
    );
  } else if (isProgressing(deployment, status)) {
    const updated = condition('Progressing', 'True', 'ReplicaSetUpdated', `${who} is progressing.`, now);
    // Every step renews lastUpdateTime, from which the deadline counts; setCondition would leave it alone.
    if (current?.status === 'True') updated.lastTransitionTime = current.lastTransitionTime ?? null;
    conditions = [...withoutCondition(conditions, 'Progressing'), updated];
  } else if (isTimedOut(deployment, { ...status, conditions }, now)) {
    const message = `${who} has timed out progressing.`;
    conditions = setCondition(conditions, condition('Progressing', 'False', TIMED_OUT, message, now));
  }
  const failure = replicaFailure(all, newest);
  conditions = failure ? setCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions };
}

function replicaFailure(all: readonly ReplicaSet[], newest: ReplicaSet | undefined): Condition | undefined {
  const failureOf = (set: ReplicaSet | undefined) => findCondition(set?.status?.conditions, 'ReplicaFailure');
  const found = failureOf(newest) ?? all.map(failureOf).find((failure) => failure !== undefined);
  return found && { ...found, lastUpdateTime: found.lastTransitionTime ?? null };
}

/** Milliseconds until a rollout that makes no progress has to be looked at again. requeueStuckDeployment. */
export function recheckAfter(
  deployment: Deployment,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const current = findCondition(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || !current) return undefined;
  const done = isComplete(deployment, status) || current.reason === TIMED_OUT;
  if (done || current.reason === NEW_REPLICA_SET_AVAILABLE) return undefined;
  return Math.max(0, deadline(deployment, current) - now) + 1000;
}
