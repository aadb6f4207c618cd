import { findCondition } from '../../../api/conditions.ts';
import type { Pod, Service } from '../../../api/objects/index.ts';

export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * Remembers, for the annotation from which endpoint propagation is measured, which change of a pod or service caused an update.
 * pkg/controller/util/endpoint TriggerTimeTracker.
 */
export class TriggerTimes {
  readonly #services = new Map<string, { service: string; pods: Map<string, string> }>();

  /** The earliest new change since the last call for this service, as RFC 3339; undefined: nothing with a time has changed. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#services.get(key);
    const changed: string[] = [];
    const times = new Map<string, string>();
    for (const pod of pods) {
      const time = podTime(pod);
      if (!time) continue;
      const name = pod.metadata.name ?? '';
      times.set(name, time);
      if (time > (before?.pods.get(name) ?? '')) changed.push(time);
    }
    const created = service.metadata.creationTimestamp ?? '';
    if (created > (before?.service ?? '')) changed.push(created);
    this.#services.set(key, { service: created, pods: times });
    return changed.sort()[0];
  }

  forget(key: string): void {
    this.#services.delete(key);
  }
}

/** When the pod became ready or unready. */
function podTime(pod: Pod): string | undefined {
  return findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? undefined;
}
