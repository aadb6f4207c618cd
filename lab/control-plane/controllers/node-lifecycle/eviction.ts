import type { Pod, Taint } from '../../../api/objects/index.ts';
import { tolerates } from '../../../api/tolerations.ts';

/**
 * When a pod must leave a node because of its NoExecute taints: a time in milliseconds, or undefined for never. Tolerations with
 * tolerationSeconds allow that long from the moment the taint came. pkg/controller/tainteviction.
 */
export function evictionTime(pod: Pod, taints: readonly Taint[], now: number): number | undefined {
  let earliest: number | undefined;
  for (const taint of taints.filter(({ effect }) => effect === 'NoExecute')) {
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (tolerations.length === 0) return now;
    const limits = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    if (limits.length === 0) continue;
    const since = taint.timeAdded ? Date.parse(taint.timeAdded) : now;
    const until = since + Math.max(0, Math.min(...limits)) * 1000;
    earliest = earliest === undefined ? until : Math.min(earliest, until);
  }
  return earliest;
}
