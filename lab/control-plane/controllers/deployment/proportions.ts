import type { Deployment, ReplicaSet } from '../../../api/objects/index.ts';
import { maxReplicas } from './annotations.ts';
import { maxSurge, size, totalSize, wanted } from './replica-counts.ts';

const created = ({ metadata }: ReplicaSet): string => metadata.creationTimestamp ?? '';
const name = ({ metadata }: ReplicaSet): string => metadata.name ?? '';

/** Oldest first; by name within a second. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  return created(a) === created(b) ? compare(name(a), name(b)) : compare(created(a), created(b));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * New sizes when a Deployment is scaled in the middle of a rolling update: the change is shared out in proportion to the sizes,
 * and what rounding leaves goes to the largest set. pkg/controller/deployment/sync.go scale.
 */
export function proportionalSizes(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): { readonly replicaSet: ReplicaSet; readonly size: number }[] {
  const allowed = wanted(deployment) > 0 ? wanted(deployment) + maxSurge(deployment) : 0;
  const toAdd = allowed - totalSize(active);
  // Growing, the newer of two equal sets is favoured; shrinking, the older one.
  const sorted = [...active].sort((a, b) => size(b) - size(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const sizes = sorted.map((replicaSet) => {
    const share = proportion(replicaSet, deployment, toAdd, added);
    added += share;
    return { replicaSet, size: size(replicaSet) + share };
  });
  return sizes.map((entry, index) =>
    index === 0 ? { ...entry, size: Math.max(0, entry.size + toAdd - added) } : entry,
  );
}

function proportion(replicaSet: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  if (size(replicaSet) === 0 || toAdd === 0 || toAdd === added) return 0;
  const share = fraction(replicaSet, deployment);
  return toAdd > 0 ? Math.min(share, toAdd - added) : Math.max(share, toAdd - added);
}

/** What a set must grow by to keep its part of the whole. */
function fraction(replicaSet: ReplicaSet, deployment: Deployment): number {
  if (wanted(deployment) === 0) return -size(replicaSet);
  const whole = wanted(deployment) + maxSurge(deployment);
  const before = maxReplicas(replicaSet) || deployment.status?.replicas || whole;
  const exact = (size(replicaSet) * whole) / before;
  return Math.round(exact) - size(replicaSet);
}
