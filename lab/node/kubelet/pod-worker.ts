import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Container,
  ContainerConfigError,
  crunDelete,
  crunKill,
  crunStart,
  formatPod,
  type Image,
  type Pod,
  podDir,
  podFullName,
  podLogDir,
  removeRootfs,
  removeTree,
} from '../runtime/index.ts';
import { computePodActions } from './actions.ts';
import { type PodReport, podReport } from './api-status.ts';
import { Backoff, goDuration } from './backoff.ts';
import { containerDir, containerLog, createContainer } from './container.ts';
import type { NodeContext } from './context.ts';
import { pullBackOffMessage, pullErrorMessage, pullNeverMessage } from './image-messages.ts';
import { log } from './log.ts';
import { savePod } from './pod-state.ts';
import { type ContainerRecord, latest, type PodRecord, withContainer } from './pod-status.ts';
import { createSandbox, newId, plannedSandbox, removeSandbox, shmDir } from './sandbox.ts';
import { prepareVolumes } from './volumes.ts';

const SECOND = 1000;
/** Back-off of restarts and of pulls: 10 s, doubled up to 5 min, as the real kubelet's. */
const RESTART_BACKOFF = [10 * SECOND, 300 * SECOND] as const;
/** Sandboxes and CNI DEL are tried again sooner than by the real kubelet, which suits a lab. */
const SANDBOX_BACKOFF = [1 * SECOND, 60 * SECOND] as const;
const RETRY = 10 * SECOND;
const DEFAULT_GRACE = 30;

/**
 * Brings one pod to what its spec wants and keeps it there. As the real kubelet's pod worker: one thing at a time,
 * woken by events (an exit, an image, the CNI configuration, a timer), never by polling.
 */
export class PodWorker {
  readonly #context: NodeContext;
  readonly #onChange: () => void;
  readonly #restarts: Backoff;
  readonly #pulls: Backoff;
  readonly #sandboxes: Backoff;
  readonly #waiting = new Map<string, { reason: string; message: string }>();
  /** Containers that ended but whose runtime state and overlay are still there. */
  readonly #unreaped = new Map<string, ContainerRecord>();
  readonly #exitWaiters = new Map<string, () => void>();
  #record: PodRecord;
  #saving: Promise<void> = Promise.resolve();
  #message = '';
  #terminating = false;
  #gone = false;
  #dirty = false;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #done: () => void = () => {};
  /** Resolves when a pod that was told to terminate has left nothing behind. */
  readonly done: Promise<void>;

  constructor(context: NodeContext, record: PodRecord, onChange: () => void) {
    this.#context = context;
    this.#record = record;
    this.#onChange = onChange;
    this.#restarts = new Backoff(...RESTART_BACKOFF, context.clock);
    this.#pulls = new Backoff(...RESTART_BACKOFF, context.clock);
    this.#sandboxes = new Backoff(...SANDBOX_BACKOFF, context.clock);
    this.done = new Promise((resolve) => {
      this.#done = resolve;
    });
    this.#adopt();
  }

  get pod(): Pod {
    return this.#record.pod;
  }

  report(): PodReport {
    return podReport(this.#record, {
      hostIP: this.#context.hostIP,
      waiting: this.#waiting,
      message: this.#message,
      terminating: this.#terminating,
    });
  }

  /** Something may have changed: look again. */
  trigger(): void {
    this.#dirty = true;
    if (!this.#busy && !this.#gone) void this.#loop();
  }

  /** The pod is no longer wanted. */
  terminate(): void {
    if (this.#terminating) return;
    this.#terminating = true;
    this.trigger();
  }

  /** Takes over what runs already, and clears away what ended while no kubelet was there. */
  #adopt(): void {
    const { sandbox, containers } = this.#record;
    if (sandbox?.ready) this.#context.exits.expect(sandbox.id, () => this.#onSandboxExit(sandbox.id));
    for (const container of containers) {
      if (container.state === 'running') this.#expectExit(container.id);
      else this.#unreaped.set(container.id, container);
    }
  }

  async #loop(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#dirty && !this.#gone) {
        this.#dirty = false;
        try {
          await (this.#terminating ? this.#terminateNow() : this.#sync());
        } catch (error) {
          // The first reason says more than what failed while it was being undone.
          this.#message ||= (error as Error).message;
          log.error('Error syncing pod, skipping', {
            pod: podFullName(this.pod),
            podUID: this.pod.metadata.uid,
            err: error,
          });
          this.#wakeIn(RETRY);
        }
        this.#onChange();
      }
    } finally {
      this.#busy = false;
    }
  }

  #wakeIn(milliseconds: number): void {
    const at = Date.now() + milliseconds;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.trigger();
    }, milliseconds);
  }

  #update(record: PodRecord): Promise<void> {
    this.#record = record;
    this.#onChange();
    // One write after the other, each with the newest record.
    this.#saving = this.#saving
      .then(() => (this.#gone ? undefined : savePod(this.#context.paths, this.#record)))
      .catch((error: unknown) =>
        log.error('Pod state cannot be written', { pod: podFullName(this.pod), err: error }),
      );
    return this.#saving;
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.event(this.pod, type, reason, message);
  }

  #timestamp(): string {
    return new Date(this.#context.clock()).toISOString();
  }

  // --- events -------------------------------------------------------------------------------------------------

  #expectExit(id: string): void {
    this.#context.exits.expect(id, (code) => {
      const container = this.#record.containers.find((entry) => entry.id === id);
      if (container !== undefined) {
        const ended: ContainerRecord = {
          ...container,
          state: 'exited',
          exitCode: code,
          finishedAt: this.#timestamp(),
          reason: code === 0 ? 'Completed' : 'Error',
        };
        this.#unreaped.set(id, ended);
        void this.#update(withContainer(this.#record, ended));
      }
      this.#exitWaiters.get(id)?.();
      this.trigger();
    });
  }

  #onSandboxExit(id: string): void {
    const { sandbox } = this.#record;
    if (sandbox?.id !== id || !sandbox.ready) return;
    void this.#update({ ...this.#record, sandbox: { ...sandbox, ready: false } });
    if (!this.#terminating) {
      this.#event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    }
    this.trigger();
  }

  // --- the wanted pod -----------------------------------------------------------------------------------------

  async #sync(): Promise<void> {
    await this.#reap();
    const actions = computePodActions(this.pod, this.#record);
    // Also the end of an old sandbox needs the plugins: after a node's restart they may not be installed again yet, and
    // an address that DEL did not give back would be lost.
    if ((actions.killPod || actions.createSandbox) && (await this.#networkMissing())) return;
    if (actions.killPod) await this.#killPod();
    for (const { id } of actions.containersToKill) await this.#discard(id);
    if (actions.createSandbox && !(await this.#createSandbox(actions.attempt))) return;
    if (this.#terminating) return;
    const starts = actions.initContainerToStart ? [actions.initContainerToStart] : actions.containersToStart;
    for (const container of starts) {
      if (this.#terminating || !this.#record.sandbox?.ready) return;
      await this.#startContainer(container, container === actions.initContainerToStart);
    }
  }

  /** Whether the pod has to wait for a network configuration; its arrival wakes the worker. */
  async #networkMissing(): Promise<boolean> {
    if (this.pod.spec.hostNetwork) return false;
    const problem = await this.#context.network.notReady();
    if (problem === undefined) return false;
    if (problem !== this.#message) this.#event('Warning', 'NetworkNotReady', problem);
    this.#message = problem;
    return true;
  }

  /** @returns whether the pod has a sandbox now; otherwise an event or a timer will wake the worker. */
  async #createSandbox(attempt: number): Promise<boolean> {
    const { pod } = this;
    const created = this.#record.sandbox ? Date.parse(this.#record.sandbox.createdAt) : 0;
    const wait = this.#sandboxes.remaining('sandbox', created);
    if (wait > 0) {
      this.#wakeIn(wait);
      return false;
    }
    const planned = plannedSandbox(this.#context, pod, attempt);
    // Init containers run again in a new sandbox.
    const containers = this.#record.containers.filter((container) => !container.init);
    await this.#update({ ...this.#record, containers, sandbox: planned });
    try {
      const sandbox = await createSandbox(this.#context, pod, planned);
      this.#message = '';
      this.#sandboxes.reset('sandbox');
      await this.#update({ ...this.#record, sandbox });
      this.#context.exits.expect(sandbox.id, () => this.#onSandboxExit(sandbox.id));
      return true;
    } catch (error) {
      this.#sandboxes.next('sandbox', this.#context.clock());
      this.#message = `Failed to create pod sandbox: ${(error as Error).message}`;
      this.#event('Warning', 'FailedCreatePodSandBox', this.#message);
      this.#wakeIn(this.#sandboxes.wait('sandbox'));
      return false;
    }
  }

  #wait(container: Container, reason: string, message: string): void {
    const before = this.#waiting.get(container.name);
    if (before?.reason === reason && before.message === message) return;
    this.#waiting.set(container.name, { reason, message });
    this.#onChange();
  }

  /** @returns the image, or undefined when the container has to wait for it. */
  async #image(container: Container): Promise<Image | undefined> {
    const image = await this.#context.images.find(container.image);
    if (image !== undefined) {
      this.#pulls.reset(container.name);
      return image;
    }
    const now = this.#context.clock();
    if (container.imagePullPolicy === 'Never') {
      this.#wait(container, 'ErrImageNeverPull', pullNeverMessage(container.image));
      return undefined;
    }
    const before = this.#waiting.get(container.name)?.reason;
    if (before === 'ErrImagePull' || before === 'ImagePullBackOff') {
      const message = pullBackOffMessage(container.image);
      if (before === 'ErrImagePull') this.#event('Normal', 'BackOff', message);
      this.#wait(container, 'ImagePullBackOff', message);
      if (this.#timerAt === Number.POSITIVE_INFINITY) this.#pulls.next(container.name, now);
      this.#wakeIn(this.#pulls.wait(container.name));
    } else {
      this.#pulls.next(container.name, now);
      const message = pullErrorMessage(container.image);
      this.#event('Warning', 'Failed', `Failed to pull image "${container.image}": ${message}`);
      this.#wait(container, 'ErrImagePull', message);
      // The store is watched; this only turns the reason into ImagePullBackOff, when the real one would.
      this.#wakeIn(this.#pulls.wait(container.name));
    }
    return undefined;
  }

  /** Whether the container has to wait before it is started once more. */
  #backingOff(container: Container, last: ContainerRecord | undefined): boolean {
    if (last?.state !== 'exited' || last.finishedAt === undefined) return false;
    const since = Date.parse(last.finishedAt);
    const remaining = this.#restarts.remaining(container.name, since);
    if (remaining === 0) {
      this.#restarts.next(container.name, since);
      return false;
    }
    const wait = goDuration(this.#restarts.wait(container.name));
    const message = `back-off ${wait} restarting failed container=${container.name} pod=${formatPod(this.pod)}`;
    if (this.#waiting.get(container.name)?.message !== message) {
      this.#event(
        'Warning',
        'BackOff',
        `Back-off restarting failed container ${container.name} in pod ${formatPod(this.pod)}`,
      );
    }
    this.#wait(container, 'CrashLoopBackOff', message);
    this.#wakeIn(remaining);
    return true;
  }

  async #startContainer(container: Container, init: boolean): Promise<void> {
    const last = latest(this.#record, container.name);
    if (this.#backingOff(container, last)) return;
    const image = await this.#image(container);
    const sandbox = this.#record.sandbox;
    if (image === undefined || sandbox === undefined) return;
    const planned: ContainerRecord = {
      id: newId(),
      name: container.name,
      init,
      attempt: last === undefined ? 0 : last.attempt + 1,
      image: container.image,
      imageID: image.id,
      createdAt: this.#timestamp(),
      state: 'created',
      pid: 0,
    };
    let volumes: Map<string, string>;
    const before = this.#record;
    try {
      volumes = await prepareVolumes(this.pod, podDir(this.#context.paths, this.pod.metadata.uid));
      await this.#update(withContainer(before, planned));
      const pid = await createContainer(this.#context, {
        pod: this.pod,
        container,
        record: planned,
        image,
        sandbox,
        volumes,
      });
      const running: ContainerRecord = { ...planned, state: 'running', pid, startedAt: this.#timestamp() };
      // Recorded before it starts: a process that ends at once finds its record.
      this.#record = withContainer(this.#record, running);
      this.#expectExit(planned.id);
      await crunStart(planned.id);
      this.#waiting.delete(container.name);
      this.#event('Normal', 'Started', `Started container ${container.name}`);
      await this.#update(this.#record);
      await this.#forgetOldAttempt(container.name, planned.attempt - 2);
    } catch (error) {
      await this.#startFailed(container, before, planned, error as Error);
    }
  }

  async #startFailed(
    container: Container,
    before: PodRecord,
    planned: ContainerRecord,
    error: Error,
  ): Promise<void> {
    await this.#discard(planned.id);
    await removeRootfs(containerDir(this.#context, this.pod, container.name, planned.attempt));
    this.#event('Warning', 'Failed', `Error: ${error.message}`);
    if (error instanceof ContainerConfigError) {
      // Nothing was run: the attempt does not count.
      await this.#update({ ...this.#record, containers: before.containers });
      this.#wait(container, 'CreateContainerConfigError', error.message);
      this.#wakeIn(RETRY);
      return;
    }
    const ended = this.#timestamp();
    const failed: ContainerRecord = {
      ...planned,
      state: 'exited',
      exitCode: 128,
      reason: 'StartError',
      message: error.message,
      startedAt: ended,
      finishedAt: ended,
    };
    if (this.pod.spec.restartPolicy === 'Never') this.#waiting.delete(container.name);
    else this.#wait(container, 'RunContainerError', error.message);
    await this.#update(withContainer(this.#record, failed));
    this.trigger();
  }

  async #forgetOldAttempt(name: string, attempt: number): Promise<void> {
    if (attempt < 0) return;
    await removeTree(containerDir(this.#context, this.pod, name, attempt));
    await rm(containerLog(this.#context, this.pod, name, attempt), { force: true });
  }

  // --- ending -------------------------------------------------------------------------------------------------

  /** Removes the runtime state and overlay of containers that have ended. Their logs stay. */
  async #reap(): Promise<void> {
    const ended = [...this.#unreaped.values()];
    this.#unreaped.clear();
    await Promise.all(
      ended.map(async (container) => {
        await crunDelete(container.id);
        await removeRootfs(containerDir(this.#context, this.pod, container.name, container.attempt));
      }),
    );
  }

  /** Removes a container without ceremony: one that never ran, or whose state is unknown. */
  async #discard(id: string): Promise<void> {
    this.#context.exits.forget(id);
    await crunDelete(id);
  }

  /** SIGTERM, the grace period, SIGKILL. Resolves when the container has ended. */
  async #killContainer(container: ContainerRecord, grace: number): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#exitWaiters.set(container.id, resolve));
    if (this.#record.containers.find((entry) => entry.id === container.id)?.state !== 'running') return;
    this.#event('Normal', 'Killing', `Stopping container ${container.name}`);
    await crunKill(container.id, grace > 0 ? 'TERM' : 'KILL');
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), grace * SECOND);
    });
    if ((await Promise.race([ended, late])) === 'late') {
      await crunKill(container.id, 'KILL');
      // conmon reports at once; where it was killed itself, deleting the container is what is left to do.
      const given = new Promise<void>((resolve) => setTimeout(resolve, 5 * SECOND).unref());
      await Promise.race([ended, given]);
    }
    clearTimeout(timer);
    this.#exitWaiters.delete(container.id);
  }

  async #killPod(): Promise<void> {
    const { sandbox } = this.#record;
    const grace = this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
    const running = this.#record.containers.filter((container) => container.state === 'running');
    await Promise.all(running.map((container) => this.#killContainer(container, grace)));
    const unknown = this.#record.containers.filter(({ state }) => state === 'created' || state === 'unknown');
    await Promise.all(unknown.map((container) => this.#discard(container.id)));
    await this.#reap();
    if (sandbox === undefined || (!sandbox.ready && sandbox.pid === 0 && sandbox.netns === '')) return;
    await removeSandbox(this.#context, this.pod, sandbox);
    await this.#update({ ...this.#record, sandbox: { ...sandbox, ready: false, netns: '', pid: 0 } });
  }

  async #terminateNow(): Promise<void> {
    const { paths } = this.#context;
    const { namespace, name, uid } = this.pod.metadata;
    try {
      await this.#killPod();
    } catch (error) {
      this.#sandboxes.next('kill', this.#context.clock());
      this.#message = `failed to kill pod sandbox: ${(error as Error).message}`;
      this.#event('Warning', 'FailedKillPod', this.#message);
      this.#wakeIn(this.#sandboxes.wait('kill'));
      return;
    }
    await this.#saving;
    this.#gone = true;
    clearTimeout(this.#timer);
    // The state file goes first: a kubelet killed in between would otherwise adopt a pod without its files.
    await rm(join(podDir(paths, uid), 'state.json'), { force: true });
    await removeTree(podDir(paths, uid));
    await Promise.all([
      rm(shmDir(this.#context, this.pod), { recursive: true, force: true }),
      rm(podLogDir(paths, namespace, name, uid), { recursive: true, force: true }),
    ]);
    this.#done();
  }
}
