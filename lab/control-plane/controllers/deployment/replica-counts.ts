import { scaledValue } from '../../../api/intstr.ts';
import type { Deployment, ReplicaSet } from '../../../api/objects/index.ts';

export const isRolling = ({ spec }: Deployment): boolean =>
  (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
export const wanted = ({ spec }: Deployment): number => spec.replicas ?? 1;
export const size = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;
export const totalSize = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, set) => sum + size(set), 0);
export const available = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;

/** Surge is rounded up, unavailability down; both zero would stand still, so then one may be away. ResolveFenceposts. */
function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, wanted(deployment), true);
  const unavailable = scaledValue(maxUnavailable, wanted(deployment), false);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Pods that may exist above the wanted number. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** Pods that may be lacking. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRolling(deployment) || wanted(deployment) === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, wanted(deployment));
}

/** Size that the newest ReplicaSet may grow to now. NewRSNewReplicas. */
export function newReplicaSetSize(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  current: number,
): number {
  if (!isRolling(deployment)) return wanted(deployment);
  const limit = wanted(deployment) + fenceposts(deployment).surge;
  const room = limit - totalSize(all);
  if (room <= 0) return current;
  return current + Math.min(room, wanted(deployment) - current);
}
