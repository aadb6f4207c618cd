import { timestamp } from '../../../api/client/index.ts';
import { findCondition, withoutCondition } from '../../../api/conditions.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../../../api/objects/index.ts';
import { isPodAvailable, isPodReady } from '../../../api/pods.ts';

/**
 * Status of a ReplicaSet from its active pods. pkg/controller/replicaset calculateStatus.
 *
 * @param failure what kept the controller from creating or deleting pods, if anything
 */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  failure: Error | undefined,
  now: number,
): ReplicaSetStatus {
  const { status = {}, spec, metadata } = replicaSet;
  const templateLabels = Object.entries(spec.template.metadata?.labels ?? {});
  const labelled = pods.filter((pod) =>
    templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
  const available = pods.filter((pod) => isPodAvailable(pod, spec.minReadySeconds ?? 0, now));
  const { conditions: _old, ...rest } = status;
  const conditions = failureCondition(replicaSet, pods.length, failure, now);
  return {
    ...rest,
    replicas: pods.length,
    fullyLabeledReplicas: labelled.length,
    readyReplicas: pods.filter(isPodReady).length,
    availableReplicas: available.length,
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function failureCondition(
  { status, spec }: ReplicaSet,
  count: number,
  failure: Error | undefined,
  now: number,
) {
  const conditions = status?.conditions ?? [];
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure');
  if (findCondition(conditions, 'ReplicaFailure')) return conditions;
  const reason = count < (spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete';
  const lastTransitionTime = timestamp(now);
  return [
    ...conditions,
    { type: 'ReplicaFailure', status: 'True', reason, message: failure.message, lastTransitionTime },
  ];
}

/** Equal in all that is compared before a write; absent numbers are zero. */
export function sameReplicaSetStatus(a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean {
  const numbers = [
    'replicas',
    'fullyLabeledReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
  ] as const;
  return (
    numbers.every((field) => (a?.[field] ?? 0) === (b[field] ?? 0)) &&
    JSON.stringify(a?.conditions ?? []) === JSON.stringify(b.conditions ?? [])
  );
}
