import { timestamp } from '../../../api/client/index.ts';
import { findCondition } from '../../../api/conditions.ts';
import type { Node, Taint } from '../../../api/objects/index.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
/** Conditions that keep new pods away while they are True. */
const PRESSURES: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const MANAGED = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURES)]);

/**
 * A node's taints as its conditions and `unschedulable` want them; the user's stay as they are.
 * pkg/controller/nodelifecycle doNoScheduleTaintingPass and processTaintBaseEviction.
 *
 * @param evict whether a node that is not ready is to lose its pods
 */
export function wantedTaints({ spec, status }: Node, now: number, evict = true): Taint[] {
  const current = spec.taints ?? [];
  const wanted: Pick<Taint, 'key' | 'effect'>[] = [];
  const ready = findCondition(status?.conditions, 'Ready')?.status;
  const key = ready === 'False' ? NOT_READY : ready === 'Unknown' ? UNREACHABLE : undefined;
  if (key) wanted.push({ key, effect: 'NoSchedule' });
  if (key && evict) wanted.push({ key, effect: 'NoExecute' });
  if (spec.unschedulable) wanted.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  for (const [type, pressure] of Object.entries(PRESSURES)) {
    if (findCondition(status?.conditions, type)?.status === 'True') {
      wanted.push({ key: pressure, effect: 'NoSchedule' });
    }
  }
  const isWanted = (taint: Taint) => wanted.some((one) => same(one, taint));
  const kept = current.filter((taint) => !MANAGED.has(taint.key) || isWanted(taint));
  const added = wanted
    .filter((taint) => !current.some((one) => same(one, taint)))
    .map((taint) => ({ ...taint, timeAdded: timestamp(now) }));
  return [...kept, ...added];
}

const same = (a: Pick<Taint, 'key' | 'effect'>, b: Pick<Taint, 'key' | 'effect'>): boolean =>
  a.key === b.key && a.effect === b.effect;

/** Whether two lists hold the same taints, in whatever order. */
export function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  const text = (taints: readonly Taint[]) =>
    taints.map(({ key, value, effect }) => `${key}=${value ?? ''}:${effect}`).sort();
  return text(a).join() === text(b).join();
}
