import { rm } from 'node:fs/promises';
import {
  type Container,
  ContainerConfigError,
  crunStart,
  type Image,
  removeRootfs,
  removeTree,
} from '../../runtime/index.ts';
import { createContainer } from '../container.ts';
import { containerDir, containerLog } from '../container-paths.ts';
import { isSidecar } from '../container-specs.ts';
import { environment } from '../environment.ts';
import { type ContainerRecord, latest, type PodRecord, withContainer } from '../pod-status.ts';
import { newId } from '../sandbox.ts';
import type { ContainerKiller } from './container-killer.ts';
import { runHook } from './hooks.ts';
import { ImageGate } from './image-gate.ts';
import type { PodProbes } from './pod-probes.ts';
import { type PodScope, RETRY } from './pod-scope.ts';
import { RestartGate } from './restart-gate.ts';

/** postStart has no limit of its own in Kubernetes; a hook that hangs for so long has failed. */
const POST_START_LIMIT = 600;

/** Starts one container: back-off, image, environment, runtime, hook, probes. */
export class ContainerStarter {
  readonly #scope: PodScope;
  readonly #killer: ContainerKiller;
  readonly #probes: PodProbes;
  readonly #images: ImageGate;
  readonly #restarts: RestartGate;

  constructor(scope: PodScope, killer: ContainerKiller, probes: PodProbes) {
    this.#scope = scope;
    this.#killer = killer;
    this.#probes = probes;
    this.#images = new ImageGate(scope);
    this.#restarts = new RestartGate(scope);
  }

  /** Starts the container, or notes why it has to wait; then an event or a timer will wake the worker. */
  async start(container: Container, init: boolean, volumes: ReadonlyMap<string, string>): Promise<void> {
    const scope = this.#scope;
    const last = latest(scope.record, container.name);
    if (!this.#restarts.pass(container, last)) return;
    const image = await this.#images.pass(container);
    if (image === undefined) return;
    const planned: ContainerRecord = {
      id: newId(),
      name: container.name,
      init,
      attempt: last === undefined ? 0 : last.attempt + 1,
      image: container.image,
      imageID: image.id,
      createdAt: scope.timestamp(),
      state: 'created',
      pid: 0,
    };
    const before = scope.record;
    try {
      await this.#run(container, planned, image, volumes);
    } catch (error) {
      await this.#failed(container, before, planned, error as Error);
    }
  }

  async #run(
    container: Container,
    planned: ContainerRecord,
    image: Image,
    volumes: ReadonlyMap<string, string>,
  ): Promise<void> {
    const scope = this.#scope;
    const { context, pod } = scope;
    const { sandbox } = scope.record;
    if (sandbox === undefined) return;
    const env = await environment(context, pod, container, sandbox.ip);
    await scope.update(withContainer(scope.record, planned));
    const pid = await createContainer(context, {
      pod,
      container,
      record: planned,
      image,
      sandbox,
      volumes,
      env,
    });
    scope.event('Normal', 'Created', `Created container ${container.name}`, container.name);
    const running: ContainerRecord = { ...planned, state: 'running', pid, startedAt: scope.timestamp() };
    // Noted before it starts, so that a process that ends at once finds its record, but told only when it has. Probes
    // first: it is not ready yet.
    if (!planned.init || isSidecar(container)) this.#probes.start(container, running);
    scope.note(withContainer(scope.record, running));
    this.#killer.expectExit(planned.id);
    await crunStart(planned.id);
    scope.waiting.delete(container.name);
    scope.event('Normal', 'Started', `Started container ${container.name}`, container.name);
    await scope.update(scope.record);
    await this.#postStart(container, running);
    await this.#forgetOldAttempt(container.name, planned.attempt - 2);
  }

  async #postStart(container: Container, running: ContainerRecord): Promise<void> {
    const hook = container.lifecycle?.postStart;
    if (hook === undefined) return;
    const scope = this.#scope;
    const outcome = await runHook(scope, container, running, hook, POST_START_LIMIT);
    if (outcome.ok) return;
    scope.event('Warning', 'FailedPostStartHook', 'PostStartHook failed', container.name);
    const grace = scope.pod.spec.terminationGracePeriodSeconds ?? 30;
    await this.#killer.kill(running, grace, 'FailedPostStartHook');
  }

  async #failed(
    container: Container,
    before: PodRecord,
    planned: ContainerRecord,
    error: Error,
  ): Promise<void> {
    const scope = this.#scope;
    const { context, pod } = scope;
    this.#probes.stop(container.name);
    await this.#killer.discard(planned.id);
    await removeRootfs(containerDir(context, pod, container.name, planned.attempt));
    scope.event('Warning', 'Failed', `Error: ${error.message}`, container.name);
    if (error instanceof ContainerConfigError) {
      // Nothing was run: the attempt does not count.
      await scope.update({ ...scope.record, containers: before.containers });
      scope.wait(container, 'CreateContainerConfigError', error.message);
      scope.wake.wakeIn(RETRY);
      return;
    }
    const ended = scope.timestamp();
    const failed: ContainerRecord = {
      ...planned,
      state: 'exited',
      exitCode: 128,
      reason: 'StartError',
      message: error.message,
      startedAt: ended,
      finishedAt: ended,
    };
    const ends = pod.spec.restartPolicy === 'Never' && !isSidecar(container);
    if (ends) scope.waiting.delete(container.name);
    else scope.wait(container, 'RunContainerError', error.message);
    await scope.update(withContainer(scope.record, failed));
    scope.wake.trigger();
  }

  async #forgetOldAttempt(name: string, attempt: number): Promise<void> {
    if (attempt < 0) return;
    const { context, pod } = this.#scope;
    await removeTree(containerDir(context, pod, name, attempt));
    await rm(containerLog(context, pod, name, attempt), { force: true });
  }
}
