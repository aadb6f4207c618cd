import type { Condition } from './objects/index.ts';

/** The condition of a type, if there is one. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether a condition has status True. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/** All conditions but those of a type. */
export function withoutCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

/**
 * Sets a condition the way the workload controllers do: no change when status and reason are the same; otherwise it moves to
 * the end of the list, and keeps its lastTransitionTime while the status stays. SetDeploymentCondition in
 * pkg/controller/deployment/util.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
): Condition[] {
  const current = findCondition(conditions, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason)
    return [...(conditions ?? [])];
  const sameStatus = current?.status === condition.status && current.lastTransitionTime;
  const set = sameStatus
    ? { ...condition, lastTransitionTime: current.lastTransitionTime ?? null }
    : condition;
  return [...withoutCondition(conditions, condition.type), set];
}
