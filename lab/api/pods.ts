import { findCondition } from './conditions.ts';
import type { Pod } from './objects/index.ts';

/** Condition Ready is True. */
export const isPodReady = (pod: Pod): boolean =>
  findCondition(pod.status?.conditions, 'Ready')?.status === 'True';

/** Ready, and for at least `minReadySeconds`. pkg/api/v1/pod IsPodAvailable. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  if (!ready.lastTransitionTime) return false;
  return Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= now;
}

/** Milliseconds until a ready pod counts as available; undefined for one that does already or is not ready. */
export function availableAfter(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const since = findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime;
  if (!isPodReady(pod) || isPodAvailable(pod, minReadySeconds, now) || !since) return undefined;
  return Math.max(0, Date.parse(since) + minReadySeconds * 1000 - now);
}

/** Has ended and will not run again. */
export const isPodTerminal = (pod: Pod): boolean =>
  pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Neither ended nor being deleted. pkg/controller IsPodActive. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !pod.metadata.deletionTimestamp;

/** All addresses, the first one first. */
export function podIPs(pod: Pod): string[] {
  const ips = (pod.status?.podIPs ?? []).map(({ ip }) => ip);
  return ips.length > 0 ? ips : pod.status?.podIP ? [pod.status.podIP] : [];
}
