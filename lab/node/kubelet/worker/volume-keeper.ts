import { podDir } from '../../runtime/index.ts';
import { Backoff } from '../backoff.ts';
import { placedFacts } from '../context.ts';
import { type PreparedVolumes, prepareVolumes } from '../volumes/index.ts';
import { type PodScope, SANDBOX_BACKOFF } from './pod-scope.ts';

/** Sets the pod's volumes up, and keeps those that show objects up to date. */
export class VolumeKeeper {
  readonly #scope: PodScope;
  readonly #backoff: Backoff;
  #prepared: PreparedVolumes | undefined;
  /** What the volumes show is not what the API has, or may not be. */
  #stale = true;
  #unfollow: (() => void) | undefined;
  #failed = 0;
  readonly #told = new Set<string>();

  constructor(scope: PodScope) {
    this.#scope = scope;
    this.#backoff = new Backoff(...SANDBOX_BACKOFF, scope.context.clock);
  }

  /**
   * Paths on the node by volume name. They outlive a change of what the volumes show: CNI's annotation of the pod is one,
   * and comes between the sandbox and its containers.
   */
  get paths(): ReadonlyMap<string, string> {
    return this.#prepared?.paths ?? new Map();
  }

  /** What the volumes show has changed. */
  invalidate(): void {
    this.#failed = 0;
    this.#stale = true;
    this.#scope.wake.trigger();
  }

  /** @returns whether the volumes are there and current; otherwise an event or a timer will wake the worker. */
  async ready(): Promise<boolean> {
    const scope = this.#scope;
    if (!this.#stale && this.#prepared !== undefined && scope.now() < this.#prepared.refreshAt) {
      this.#wakeForTokens(this.#prepared);
      return true;
    }
    const { context, pod } = scope;
    this.#unfollow ??= context.objects?.follow(pod, () => this.invalidate());
    const wait = this.#backoff.remaining('volumes', this.#failed);
    if (wait > 0) {
      scope.wake.wakeIn(wait);
      return false;
    }
    // Before the look: a change while it is under way asks for another one.
    this.#stale = false;
    try {
      const { objects } = context;
      const prepared = await prepareVolumes(pod, podDir(context.paths, pod.metadata.uid), {
        placed: placedFacts(context, ''),
        ...(objects ? { objects, claims: objects, tokens: objects } : {}),
      });
      for (const problem of prepared.problems) this.#tellOnce(problem);
      this.#prepared = prepared;
      this.#wakeForTokens(prepared);
      if (this.#failed > 0) scope.message = '';
      this.#failed = 0;
      this.#backoff.reset('volumes');
      return true;
    } catch (error) {
      this.#stale = true;
      this.#failed = scope.now();
      this.#backoff.next('volumes', this.#failed);
      scope.message = (error as Error).message;
      scope.event('Warning', 'FailedMount', scope.message);
      scope.wake.wakeIn(this.#backoff.wait('volumes'));
      return false;
    }
  }

  /** A pod that has to live without its token is told of once. */
  #tellOnce(problem: string): void {
    if (this.#told.has(problem)) return;
    this.#told.add(problem);
    this.#scope.event('Warning', 'FailedMount', `${problem}; the pod runs without a token`);
  }

  /** Waits end with every look, so each look asks again. */
  #wakeForTokens({ refreshAt }: PreparedVolumes): void {
    if (Number.isFinite(refreshAt)) this.#scope.wake.wakeIn(Math.max(0, refreshAt - this.#scope.now()));
  }

  close(): void {
    this.#unfollow?.();
    this.#scope.context.objects?.forget(this.#scope.pod.metadata.uid);
  }
}
