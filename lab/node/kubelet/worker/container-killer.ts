import { crunDelete, crunKill, removeRootfs } from '../../runtime/index.ts';
import { containerDir } from '../container-paths.ts';
import { type ContainerRecord, withContainer } from '../pod-status.ts';
import { removeSandbox } from '../sandbox.ts';
import { terminationMessage } from '../termination-message.ts';
import { runHook } from './hooks.ts';
import type { PodProbes } from './pod-probes.ts';
import type { PodScope } from './pod-scope.ts';

const SECOND = 1000;
/** What a container gets at least between SIGTERM and SIGKILL after a long preStop. pkg/kubelet/kuberuntime. */
const MINIMUM_GRACE = 2;

/** Ends containers and the pod, and notices containers that end by themselves. */
export class ContainerKiller {
  readonly #scope: PodScope;
  readonly #probes: PodProbes;
  /** Containers that ended but whose runtime state and overlay are still there. */
  readonly #unreaped = new Map<string, ContainerRecord>();
  readonly #exitWaiters = new Map<string, () => void>();
  /** Called when the grace period becomes shorter than what was asked for first. */
  readonly #hurry = new Set<(grace: number) => void>();

  constructor(scope: PodScope, probes: PodProbes) {
    this.#scope = scope;
    this.#probes = probes;
  }

  expectExit(id: string): void {
    this.#scope.context.exits.expect(id, (code) => void this.#onExit(id, code));
  }

  async #onExit(id: string, code: number): Promise<void> {
    const scope = this.#scope;
    const container = scope.record.containers.find((entry) => entry.id === id);
    if (container !== undefined) {
      this.#probes.stop(container.name);
      const finishedAt = scope.timestamp();
      const message = await terminationMessage(scope.context, scope.pod, container, code);
      const ended: ContainerRecord = {
        ...container,
        state: 'exited',
        exitCode: code,
        finishedAt,
        reason: code === 0 ? 'Completed' : 'Error',
        ...(message === '' ? {} : { message }),
      };
      this.#unreaped.set(id, ended);
      void scope.update(withContainer(scope.record, ended));
    }
    this.#exitWaiters.get(id)?.();
    scope.wake.trigger();
  }

  /** A container of an earlier kubelet that has ended. */
  adoptEnded(container: ContainerRecord): void {
    this.#unreaped.set(container.id, container);
  }

  /** Removes the runtime state and overlay of containers that have ended. Their logs stay. */
  async reap(): Promise<void> {
    const ended = [...this.#unreaped.values()];
    this.#unreaped.clear();
    await Promise.all(
      ended.map(async (container) => {
        await crunDelete(container.id);
        const { context, pod } = this.#scope;
        await removeRootfs(containerDir(context, pod, container.name, container.attempt));
      }),
    );
  }

  /** Removes a container without ceremony: one that never ran, or whose state is unknown. */
  async discard(id: string): Promise<void> {
    this.#scope.context.exits.forget(id);
    await crunDelete(id);
  }

  /** The pod is to be gone sooner than was said. @param grace seconds from now */
  hurry(grace: number): void {
    for (const act of this.#hurry) act(grace);
  }

  /**
   * preStop, SIGTERM, the grace period, SIGKILL. Resolves when the container has ended.
   * @param grace seconds @param message of the Killing event
   */
  async kill(container: ContainerRecord, grace: number, message: string): Promise<void> {
    const scope = this.#scope;
    const ended = new Promise<void>((resolve) => this.#exitWaiters.set(container.id, resolve));
    if (scope.record.containers.find((entry) => entry.id === container.id)?.state !== 'running') return;
    scope.event('Normal', 'Killing', message, container.name);
    const left = await this.#preStop(container, grace, ended);
    await crunKill(container.id, left > 0 ? 'TERM' : 'KILL');

    let act = () => {};
    const late = new Promise<'late'>((resolve) => {
      act = () => resolve('late');
    });
    let timer = setTimeout(act, left * SECOND);
    const sooner = (seconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(act, seconds * SECOND);
    };
    this.#hurry.add(sooner);
    if ((await Promise.race([ended, late])) === 'late') {
      await crunKill(container.id, 'KILL');
      // conmon reports at once; where it was killed itself, deleting the container is what is left to do.
      const given = new Promise<void>((resolve) => setTimeout(resolve, 5 * SECOND).unref());
      await Promise.race([ended, given]);
    }
    clearTimeout(timer);
    this.#hurry.delete(sooner);
    this.#exitWaiters.delete(container.id);
  }

  /** @returns what is left of the grace period, seconds */
  async #preStop(container: ContainerRecord, grace: number, ended: Promise<void>): Promise<number> {
    const scope = this.#scope;
    const spec = scope.pod.spec.containers.find(({ name }) => name === container.name);
    const hook = spec?.lifecycle?.preStop;
    if (spec === undefined || hook === undefined || grace <= 0) return grace;
    const began = scope.now();
    const outcome = await Promise.race([
      runHook(scope, spec, container, hook, grace),
      ended.then(() => ({ ok: true, message: '' })),
    ]);
    if (!outcome.ok) scope.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', container.name);
    return Math.max(MINIMUM_GRACE, grace - (scope.now() - began) / SECOND);
  }

  /** Ends all containers at once, then the sandbox. @param grace seconds. @throws CniError when DEL fails */
  async killPod(grace: number): Promise<void> {
    const scope = this.#scope;
    const { sandbox } = scope.record;
    const running = scope.record.containers.filter((container) => container.state === 'running');
    await Promise.all(
      running.map((container) => this.kill(container, grace, `Stopping container ${container.name}`)),
    );
    const unknown = scope.record.containers.filter(({ state }) => state === 'created' || state === 'unknown');
    await Promise.all(unknown.map((container) => this.discard(container.id)));
    await this.reap();
    if (sandbox === undefined || (!sandbox.ready && sandbox.pid === 0 && sandbox.netns === '')) return;
    await removeSandbox(scope.context, scope.pod, sandbox);
    await scope.update({ ...scope.record, sandbox: { ...sandbox, ready: false, netns: '', pid: 0 } });
  }
}
