import { type Container, formatPod } from '../../runtime/index.ts';
import { Backoff, goDuration } from '../backoff.ts';
import type { ContainerRecord } from '../pod-status.ts';
import { type PodScope, RESTART_BACKOFF } from './pod-scope.ts';

/** Holds a container back that has ended, longer each time: CrashLoopBackOff. */
export class RestartGate {
  readonly #scope: PodScope;
  readonly #restarts: Backoff;

  constructor(scope: PodScope) {
    this.#scope = scope;
    this.#restarts = new Backoff(...RESTART_BACKOFF, scope.context.clock);
  }

  /** Whether the container may be started now; otherwise a timer will wake. */
  pass(container: Container, last: ContainerRecord | undefined): boolean {
    const scope = this.#scope;
    if (last?.state !== 'exited' || last.finishedAt === undefined) return true;
    // Another image is another container, which has not failed yet.
    if (last.image !== container.image) return true;
    const since = Date.parse(last.finishedAt);
    const remaining = this.#restarts.remaining(container.name, since);
    if (remaining === 0) {
      this.#restarts.next(container.name, since);
      return true;
    }
    const wait = goDuration(this.#restarts.wait(container.name));
    const message = `back-off ${wait} restarting failed container=${container.name} pod=${formatPod(scope.pod)}`;
    if (scope.waiting.get(container.name)?.message !== message) {
      const text = `Back-off restarting failed container ${container.name} in pod ${formatPod(scope.pod)}`;
      scope.event('Warning', 'BackOff', text, container.name);
    }
    scope.wait(container, 'CrashLoopBackOff', message);
    scope.wake.wakeIn(remaining);
    return false;
  }
}
