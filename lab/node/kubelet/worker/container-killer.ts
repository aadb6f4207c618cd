import { crunDelete, crunKill, removeRootfs } from '../../runtime/index.ts';
import { containerDir } from '../container-paths.ts';
import { containerSpec } from '../container-specs.ts';
import { type ContainerRecord, withContainer } from '../pod-status.ts';
import { removeSandbox } from '../sandbox.ts';
import { terminationMessage } from '../termination-message.ts';
import { terminationOrder } from '../termination-order.ts';
import { GracePeriod } from './grace-period.ts';
import { runHook } from './hooks.ts';
import type { PodProbes } from './pod-probes.ts';
import type { PodScope } from './pod-scope.ts';

const SECOND = 1000;
/** What a container gets at least between SIGTERM and SIGKILL after a long preStop or wait. pkg/kubelet/kuberuntime. */
const MINIMUM_GRACE = 2;

/** Ends containers and the pod, and notices containers that end by themselves. */
export class ContainerKiller {
  readonly #scope: PodScope;
  readonly #probes: PodProbes;
  /** Containers that ended but whose runtime state and overlay are still there. */
  readonly #unreaped = new Map<string, ContainerRecord>();
  readonly #exitWaiters = new Map<string, () => void>();
  /** Of the containers that are being ended. */
  readonly #periods = new Set<GracePeriod>();

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
    for (const period of this.#periods) period.shorten(grace);
  }

  /**
   * preStop, SIGTERM, the grace period, SIGKILL. Resolves when the container has ended.
   * @param grace seconds, all in all @param message of the Killing event
   * @param turn what the SIGTERM waits for, within the grace period; the hook does not. killContainer of the real one.
   */
  async kill(
    container: ContainerRecord,
    grace: number,
    message: string,
    turn?: Promise<unknown>,
  ): Promise<void> {
    const scope = this.#scope;
    const ended = new Promise<void>((resolve) => this.#exitWaiters.set(container.id, resolve));
    const runs = () => scope.record.containers.find(({ id }) => id === container.id)?.state === 'running';
    if (!runs()) return;
    scope.event('Normal', 'Killing', message, container.name);
    const period = new GracePeriod(grace, scope.context.clock);
    this.#periods.add(period);
    await this.#preStop(container, period, ended);
    if (turn !== undefined) {
      await period.outlasts(Promise.race([turn, ended]));
      period.atLeast(MINIMUM_GRACE);
    }
    if (runs()) await crunKill(container.id, period.left > 0 ? 'TERM' : 'KILL');
    if (!(await period.outlasts(ended))) {
      await crunKill(container.id, 'KILL');
      // conmon reports at once; where it was killed itself, deleting the container is what is left to do.
      const given = new Promise<void>((resolve) => setTimeout(resolve, 5 * SECOND).unref());
      await Promise.race([ended, given]);
    }
    this.#periods.delete(period);
    this.#exitWaiters.delete(container.id);
  }

  async #preStop(container: ContainerRecord, period: GracePeriod, ended: Promise<void>): Promise<void> {
    const scope = this.#scope;
    const spec = containerSpec(scope.pod, container.name);
    const hook = spec?.lifecycle?.preStop;
    if (spec === undefined || hook === undefined || period.left <= 0) return;
    let ok = true;
    const hooked = runHook(scope, spec, container, hook, period.left).then((outcome) => {
      ok = outcome.ok;
    });
    await period.outlasts(Promise.race([hooked, ended]));
    if (!ok) scope.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', container.name);
    period.atLeast(MINIMUM_GRACE);
  }

  /**
   * Ends all containers, sidecars after the others, then the sandbox.
   * @param grace seconds, for all together @throws CniError when DEL fails
   */
  async killPod(grace: number): Promise<void> {
    const scope = this.#scope;
    const { sandbox } = scope.record;
    const running = new Map(
      scope.record.containers.filter(({ state }) => state === 'running').map((entry) => [entry.name, entry]),
    );
    const kills = new Map<string, Promise<void>>();
    for (const { name, after } of terminationOrder(scope.pod, [...running.keys()])) {
      const turn = after.length > 0 ? Promise.allSettled(after.map((other) => kills.get(other))) : undefined;
      const container = running.get(name) as ContainerRecord;
      kills.set(name, this.kill(container, grace, `Stopping container ${name}`, turn));
    }
    await Promise.all(kills.values());
    const unknown = scope.record.containers.filter(({ state }) => state === 'created' || state === 'unknown');
    await Promise.all(unknown.map((container) => this.discard(container.id)));
    await this.reap();
    if (sandbox === undefined || (!sandbox.ready && sandbox.pid === 0 && sandbox.netns === '')) return;
    await removeSandbox(scope.context, scope.pod, sandbox);
    await scope.update({ ...scope.record, sandbox: { ...sandbox, ready: false, netns: '', pid: 0 } });
  }
}
