import { podDir } from '../../runtime/index.ts';
import { Backoff } from '../backoff.ts';
import { placedFacts } from '../context.ts';
import { prepareVolumes } from '../volumes/index.ts';
import { type PodScope, SANDBOX_BACKOFF } from './pod-scope.ts';

/** Sets the pod's volumes up, and keeps those that show objects up to date. */
export class VolumeKeeper {
  readonly #scope: PodScope;
  readonly #backoff: Backoff;
  #paths: Map<string, string> | undefined;
  #unfollow: (() => void) | undefined;
  #failed = 0;

  constructor(scope: PodScope) {
    this.#scope = scope;
    this.#backoff = new Backoff(...SANDBOX_BACKOFF, scope.context.clock);
  }

  /** Paths on the node by volume name. */
  get paths(): ReadonlyMap<string, string> {
    return this.#paths ?? new Map();
  }

  /** What the volumes show has changed. */
  invalidate(): void {
    this.#failed = 0;
    this.#paths = undefined;
    this.#scope.wake.trigger();
  }

  /** @returns whether the volumes are there and current; otherwise an event or a timer will wake the worker. */
  async ready(): Promise<boolean> {
    if (this.#paths !== undefined) return true;
    const scope = this.#scope;
    const { context, pod } = scope;
    this.#unfollow ??= context.objects?.follow(pod, () => this.invalidate());
    const wait = this.#backoff.remaining('volumes', this.#failed);
    if (wait > 0) {
      scope.wake.wakeIn(wait);
      return false;
    }
    try {
      this.#paths = await prepareVolumes(pod, podDir(context.paths, pod.metadata.uid), {
        placed: placedFacts(context, ''),
        ...(context.objects
          ? { objects: context.objects, claims: context.objects, token: context.objects.token }
          : {}),
      });
      if (this.#failed > 0) scope.message = '';
      this.#failed = 0;
      this.#backoff.reset('volumes');
      return true;
    } catch (error) {
      this.#failed = scope.now();
      this.#backoff.next('volumes', this.#failed);
      scope.message = (error as Error).message;
      scope.event('Warning', 'FailedMount', scope.message);
      scope.wake.wakeIn(this.#backoff.wait('volumes'));
      return false;
    }
  }

  close(): void {
    this.#unfollow?.();
  }
}
