import type { ReplicaSet } from '../../../api/objects/index.ts';
import { desiredReplicas, replicasAnnotations } from './annotations.ts';
import { byAge, proportionalSizes } from './proportions.ts';
import {
  available,
  isRolling,
  maxUnavailable,
  newReplicaSetSize,
  size,
  totalSize,
  wanted,
} from './replica-counts.ts';
import type { Plan } from './steps.ts';

export const active = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((set) => size(set) > 0);

/** Plans a new size for a set, with the event. scaleReplicaSet. @returns the set as it will be */
export function scaleTo(plan: Plan, set: ReplicaSet, newSize: number): ReplicaSet {
  const oldSize = size(set);
  const annotations = { ...set.metadata.annotations, ...replicasAnnotations(plan.deployment) };
  const same = Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (oldSize === newSize && same) return set;
  const scaled: ReplicaSet = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas: newSize },
  };
  const direction = newSize > oldSize ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${set.metadata.name} to ${newSize} from ${oldSize}`;
  const event = { type: 'Normal', reason: 'ScalingReplicaSet', message } as const;
  plan.steps.push({ do: 'updateReplicaSet', replicaSet: scaled, ...(oldSize === newSize ? {} : { event }) });
  return scaled;
}

/** A paused Deployment, or one whose replicas were changed, is only resized. pkg/controller/deployment/sync.go scale. */
export function scale(plan: Plan, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): void {
  const { deployment } = plan;
  const single = activeOrLatest(newest, old);
  if (single) {
    if (size(single) !== wanted(deployment)) scaleTo(plan, single, wanted(deployment));
    return;
  }
  if (newest && isSaturated(newest, wanted(deployment))) {
    for (const set of active(old)) scaleTo(plan, set, 0);
    return;
  }
  if (!isRolling(deployment)) return;
  const sets = active(newest ? [...old, newest] : old);
  for (const share of proportionalSizes(deployment, sets)) scaleTo(plan, share.replicaSet, share.size);
}

/** The only set with pods, or the newest if none has any. */
function activeOrLatest(newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const all = newest ? [...old, newest] : old;
  const withPods = active(all);
  if (withPods.length === 0) return newest ?? [...old].sort(byAge).at(-1);
  return withPods.length === 1 ? withPods[0] : undefined;
}

function isSaturated(newest: ReplicaSet, count: number): boolean {
  return size(newest) === count && desiredReplicas(newest) === count && available(newest) === count;
}

/** Grows (or shrinks) the newest set by one step of a rolling update. @returns whether there was one */
export function reconcileNewest(plan: Plan, newest: ReplicaSet, all: readonly ReplicaSet[]): boolean {
  const { deployment } = plan;
  if (size(newest) === wanted(deployment)) return false;
  const target =
    size(newest) > wanted(deployment) ? wanted(deployment) : newReplicaSetSize(deployment, all, size(newest));
  if (target === size(newest)) return false;
  scaleTo(plan, newest, target);
  return true;
}

/** Shrinks the old sets by what the budget of unavailable pods allows. reconcileOldReplicaSets. */
export function reconcileOld(plan: Plan, newest: ReplicaSet, old: readonly ReplicaSet[]): boolean {
  const { deployment } = plan;
  if (totalSize(old) === 0) return false;
  const minAvailable = wanted(deployment) - maxUnavailable(deployment);
  const newUnavailable = size(newest) - available(newest);
  const budget = totalSize([...old, newest]) - minAvailable - newUnavailable;
  if (budget <= 0) return false;

  // Unhealthy ones go first: they are no loss.
  let cleaned = 0;
  const rest = [...old].sort(byAge).map((set) => {
    if (cleaned >= budget || size(set) === 0 || size(set) === available(set)) return set;
    const count = Math.min(budget - cleaned, size(set) - available(set));
    cleaned += count;
    return count > 0 ? scaleTo(plan, set, size(set) - count) : set;
  });
  return scaleDownAvailable(plan, newest, rest, minAvailable) + cleaned > 0;
}

function scaleDownAvailable(
  plan: Plan,
  newest: ReplicaSet,
  old: readonly ReplicaSet[],
  minAvailable: number,
): number {
  const spare = [...old, newest].reduce((sum, set) => sum + available(set), 0) - minAvailable;
  let done = 0;
  for (const set of old) {
    if (done >= spare) break;
    const count = Math.min(size(set), spare - done);
    if (count === 0) continue;
    scaleTo(plan, set, size(set) - count);
    done += count;
  }
  return done;
}
