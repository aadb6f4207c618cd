import { Backoff } from '../backoff.ts';
import { createSandbox, plannedSandbox } from '../sandbox.ts';
import { type PodScope, SANDBOX_BACKOFF } from './pod-scope.ts';

/** Makes the pod's sandbox and notices its end. */
export class SandboxKeeper {
  readonly #scope: PodScope;
  readonly #backoff: Backoff;

  constructor(scope: PodScope) {
    this.#scope = scope;
    this.#backoff = new Backoff(...SANDBOX_BACKOFF, scope.context.clock);
  }

  /** Whether the pod has to wait for a network configuration; its arrival wakes the worker. */
  async networkMissing(): Promise<boolean> {
    const scope = this.#scope;
    if (scope.pod.spec.hostNetwork) return false;
    const problem = await scope.context.network.notReady();
    if (problem === undefined) return false;
    if (problem !== scope.message) {
      scope.event('Warning', 'NetworkNotReady', `network is not ready: ${NETWORK_NOT_READY}`);
    }
    scope.message = problem;
    return true;
  }

  /** @returns whether the pod has a sandbox now; otherwise an event or a timer will wake the worker. */
  async create(attempt: number): Promise<boolean> {
    const scope = this.#scope;
    const { context, pod } = scope;
    const created = scope.record.sandbox ? Date.parse(scope.record.sandbox.createdAt) : 0;
    const wait = this.#backoff.remaining('sandbox', created);
    if (wait > 0) {
      scope.wake.wakeIn(wait);
      return false;
    }
    const planned = plannedSandbox(context, pod, attempt);
    // Init containers run again in a new sandbox.
    const containers = scope.record.containers.filter((container) => !container.init);
    await scope.update({ ...scope.record, containers, sandbox: planned });
    try {
      const sandbox = await createSandbox(context, pod, planned);
      scope.message = '';
      this.#backoff.reset('sandbox');
      await scope.update({ ...scope.record, sandbox });
      this.expectExit(sandbox.id);
      return true;
    } catch (error) {
      this.#backoff.next('sandbox', scope.now());
      scope.message = `Failed to create pod sandbox: ${(error as Error).message}`;
      scope.event('Warning', 'FailedCreatePodSandBox', scope.message);
      scope.wake.wakeIn(this.#backoff.wait('sandbox'));
      return false;
    }
  }

  expectExit(id: string): void {
    const scope = this.#scope;
    scope.context.exits.expect(id, () => {
      const { sandbox } = scope.record;
      if (sandbox?.id !== id || !sandbox.ready) return;
      void scope.update({ ...scope.record, sandbox: { ...sandbox, ready: false } });
      if (!scope.wake.terminating()) {
        scope.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
      }
      scope.wake.trigger();
    });
  }
}

/** What the real kubelet says of a node without a CNI configuration (containerd's text). */
export const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
