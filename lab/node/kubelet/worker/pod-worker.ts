import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Container, type Pod, podDir, podFullName, podLogDir, removeTree } from '../../runtime/index.ts';
import { computePodActions } from '../actions.ts';
import { podReport } from '../api-status.ts';
import { Backoff } from '../backoff.ts';
import { containerSpec, isSidecar } from '../container-specs.ts';
import type { NodeContext } from '../context.ts';
import { log } from '../log.ts';
import type { PodReport } from '../pod-report.ts';
import { latest, type PodRecord } from '../pod-status.ts';
import { sandboxDir, shmDir } from '../sandbox.ts';
import { ContainerKiller } from './container-killer.ts';
import { ContainerStarter } from './container-starter.ts';
import { PodProbes } from './pod-probes.ts';
import { PodScope, RETRY, SANDBOX_BACKOFF } from './pod-scope.ts';
import { SandboxKeeper } from './sandbox-keeper.ts';
import { VolumeKeeper } from './volume-keeper.ts';
import { WakeTimer } from './wake-timer.ts';

const DEFAULT_GRACE = 30;

/**
 * Brings one pod to what its spec wants and keeps it there. As the real kubelet's pod worker: one thing at a time,
 * woken by events (an exit, an image, the CNI configuration, a timer), never by polling.
 */
export class PodWorker {
  readonly #scope: PodScope;
  readonly #sandbox: SandboxKeeper;
  readonly #volumes: VolumeKeeper;
  readonly #probes: PodProbes;
  readonly #killer: ContainerKiller;
  readonly #starter: ContainerStarter;
  readonly #kills: Backoff;
  readonly #timer = new WakeTimer(() => this.trigger());
  readonly #onChange: () => void;
  /** What was reported last; undefined when something has changed since. */
  #report: PodReport | undefined;
  /** Seconds that the pod has to end, once it is to go. */
  #grace: number | undefined;
  #gone = false;
  #dirty = false;
  #busy = false;
  #done: (last: PodReport) => void = () => {};
  /** Resolves with its last report when a pod that was told to terminate has left nothing behind. */
  readonly done: Promise<PodReport>;

  constructor(context: NodeContext, record: PodRecord, onChange: () => void) {
    this.#onChange = onChange;
    this.#scope = new PodScope(context, record, {
      trigger: () => this.trigger(),
      wakeIn: (milliseconds) => this.#timer.wakeIn(milliseconds),
      terminating: () => this.#grace !== undefined,
      changed: () => this.#changed(),
    });
    this.#sandbox = new SandboxKeeper(this.#scope);
    this.#volumes = new VolumeKeeper(this.#scope);
    this.#probes = new PodProbes(this.#scope);
    this.#killer = new ContainerKiller(this.#scope, this.#probes);
    this.#starter = new ContainerStarter(this.#scope, this.#killer, this.#probes);
    this.#kills = new Backoff(...SANDBOX_BACKOFF, context.clock);
    this.done = new Promise((resolve) => {
      this.#done = resolve;
    });
    this.#adopt();
  }

  get pod(): Pod {
    return this.#scope.pod;
  }

  /** The same object as before as long as nothing has changed. */
  report(): PodReport {
    this.#report ??= podReport(this.#scope.record, {
      hostIP: this.#scope.context.hostIP,
      waiting: this.#scope.waiting,
      probes: this.#probes.results,
      message: this.#scope.message,
      terminating: this.#grace !== undefined,
    });
    return this.#report;
  }

  #changed(): void {
    this.#report = undefined;
    this.#onChange();
  }

  /** Something may have changed: look again. */
  trigger(): void {
    this.#dirty = true;
    if (!this.#busy && !this.#gone) void this.#loop();
  }

  /** The same pod in a newer version of the API: labels, annotations or an image may be others. */
  update(pod: Pod): void {
    const before = this.pod;
    if (before === pod || JSON.stringify(before) === JSON.stringify(pod)) return;
    void this.#scope.update({ ...this.#scope.record, pod });
    const shown = ({ metadata }: Pod) => JSON.stringify([metadata.labels, metadata.annotations]);
    if (shown(before) !== shown(pod)) this.#volumes.invalidate();
    this.trigger();
  }

  /**
   * The pod is no longer wanted.
   * @param grace seconds; what the pod's spec says unless told. A second call may only shorten it
   */
  terminate(grace = this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE): void {
    if (this.#grace !== undefined && grace >= this.#grace) return;
    this.#killer.hurry(grace);
    this.#grace = grace;
    this.#probes.freeze();
    this.#changed();
    this.trigger();
  }

  /** Takes over what runs already, and clears away what ended while no kubelet was there. */
  #adopt(): void {
    const { sandbox, containers, pod } = this.#scope.record;
    if (sandbox?.ready) this.#sandbox.expectExit(sandbox.id);
    for (const container of containers) {
      if (container.state === 'running') {
        const spec = containerSpec(pod, container.name);
        if (spec !== undefined && (!container.init || isSidecar(spec))) this.#probes.start(spec, container);
        this.#killer.expectExit(container.id);
      } else this.#killer.adoptEnded(container);
    }
  }

  async #loop(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#dirty && !this.#gone) {
        this.#dirty = false;
        try {
          await (this.#grace === undefined ? this.#sync() : this.#terminateNow(this.#grace));
        } catch (error) {
          // The first reason says more than what failed while it was being undone.
          this.#scope.message ||= (error as Error).message;
          log.error('Error syncing pod, skipping', {
            pod: podFullName(this.pod),
            podUID: this.pod.metadata.uid,
            err: error,
          });
          this.#timer.wakeIn(RETRY);
        }
        this.#changed();
      }
    } finally {
      this.#busy = false;
    }
  }

  async #sync(): Promise<void> {
    const { pod } = this;
    const grace = pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
    for (const verdict of this.#probes.takeVerdicts()) {
      await this.#stop(verdict.id, verdict.grace ?? grace, verdict.message);
    }
    await this.#killer.reap();
    const actions = computePodActions(pod, this.#scope.record, this.#probes.results);
    // Also the end of an old sandbox needs the plugins: after a node's restart they may not be installed again yet, and
    // an address that DEL did not give back would be lost.
    if ((actions.killPod || actions.createSandbox) && (await this.#sandbox.networkMissing())) return;
    if (actions.killPod) await this.#killer.killPod(grace);
    for (const { id, reason } of actions.containersToKill) await this.#stop(id, grace, reason);
    const inits = actions.initContainersToStart;
    const ends = actions.killPod && !actions.createSandbox;
    // A sidecar that was held back will not be started any more: it shows how it ended.
    if (ends) this.#scope.waiting.clear();
    // Volumes first, as in the real kubelet: without them there is no sandbox either. Later they are kept up to date.
    if (!ends && !(await this.#volumes.ready())) return;
    if (actions.createSandbox && !(await this.#sandbox.create(actions.attempt))) return;
    for (const container of [...inits, ...actions.containersToStart]) {
      if (this.#grace !== undefined || !this.#scope.record.sandbox?.ready) return;
      await this.#starter.start(container, inits.includes(container), this.#volumes.paths);
    }
    // A sidecar that runs may let the next container begin; no exit will tell.
    const runs = ({ name }: Container) => latest(this.#scope.record, name)?.state === 'running';
    if (inits.some((container) => isSidecar(container) && runs(container))) this.trigger();
  }

  /** Ends one container: politely if it runs, else what is left of it. */
  async #stop(id: string, grace: number, message: string): Promise<void> {
    const container = this.#scope.record.containers.find((entry) => entry.id === id);
    if (container?.state === 'running') await this.#killer.kill(container, this.#grace ?? grace, message);
    else if (container?.state !== 'exited') await this.#killer.discard(id);
  }

  async #terminateNow(grace: number): Promise<void> {
    const scope = this.#scope;
    const { paths } = scope.context;
    const { namespace, name, uid } = this.pod.metadata;
    try {
      await this.#killer.killPod(grace);
    } catch (error) {
      this.#kills.next('kill', scope.now());
      scope.message = `failed to kill pod sandbox: ${(error as Error).message}`;
      scope.event('Warning', 'FailedKillPod', scope.message);
      this.#timer.wakeIn(this.#kills.wait('kill'));
      return;
    }
    this.#report = undefined;
    const last = this.report();
    this.#volumes.close();
    await scope.close();
    this.#gone = true;
    this.#timer.clear();
    // The state file goes first: a kubelet killed in between would otherwise adopt a pod without its files.
    await rm(join(podDir(paths, uid), 'state.json'), { force: true });
    await removeTree(podDir(paths, uid));
    await Promise.all([
      ...[shmDir, sandboxDir].map((directory) =>
        rm(directory(scope.context, this.pod), { recursive: true, force: true }),
      ),
      rm(podLogDir(paths, namespace, name, uid), { recursive: true, force: true }),
    ]);
    this.#done(last);
  }
}
