import { timestamp } from '../../../api/client/index.ts';
import { findCondition, withoutCondition } from '../../../api/conditions.ts';
import type { Condition, Node, Pod } from '../../../api/objects/index.ts';

/** Conditions that only the kubelet can know, so that nobody knows them when it is silent. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** Conditions of a node that has not been heard of for the grace period. tryUpdateNodeHealth. */
export function unknownConditions({ status, metadata }: Node, now: number): Condition[] {
  const at = timestamp(now);
  let conditions = [...(status?.conditions ?? [])];
  for (const type of KUBELET_CONDITIONS) {
    const current = findCondition(conditions, type);
    if (!current) {
      conditions.push({
        type,
        status: 'Unknown',
        lastHeartbeatTime: metadata.creationTimestamp ?? at,
        lastTransitionTime: at,
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
      });
    } else if (current.status !== 'Unknown') {
      const unknown: Condition = {
        ...current,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: at,
      };
      conditions = conditions.map((condition) => (condition === current ? unknown : condition));
    }
  }
  return conditions;
}

/** A pod's conditions with Ready False, or undefined if it is not ready anyway. UpdatePodReadiness. */
export function notReadyConditions({ status }: Pod, now: number): Condition[] | undefined {
  const ready = findCondition(status?.conditions, 'Ready');
  if (ready?.status !== 'True') return undefined;
  const at = timestamp(now);
  return (status?.conditions ?? []).map((condition) =>
    condition === ready ? { ...ready, status: 'False', lastTransitionTime: at } : condition,
  );
}

/** Adds or replaces a condition, in place. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
): Condition[] {
  return [...withoutCondition(conditions, condition.type), condition];
}
