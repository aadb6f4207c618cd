import { type Pod, podFullName } from '../runtime/index.ts';
import type { NodeContext } from './context.ts';
import { log } from './log.ts';
import type { PodReport } from './pod-report.ts';
import type { WantedPods } from './pod-source.ts';
import { savePod } from './pod-state.ts';
import type { PodRecord } from './pod-status.ts';
import { isFromApi, samePod } from './static-pod.ts';
import type { StatusSink } from './status-sink.ts';
import { PodWorker } from './worker/pod-worker.ts';

const hasEnded = (pod: Pod) => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** One worker per pod name; a changed pod waits until its predecessor is wholly gone, as static pods do. */
export class Kubelet {
  readonly #context: NodeContext;
  readonly #shortName: string;
  readonly #sink: StatusSink;
  readonly #workers = new Map<string, PodWorker>();
  /** Pods whose record is being written. */
  readonly #starting = new Set<string>();
  #wanted = new Map<string, Pod>();
  #leftovers: readonly PodRecord[];
  #networkProblem: string | undefined = 'starting';
  #publishing = false;

  /** @param leftovers pods that an earlier kubelet left, reconciled with what still runs */
  constructor(context: NodeContext, shortName: string, sink: StatusSink, leftovers: readonly PodRecord[]) {
    this.#context = context;
    this.#shortName = shortName;
    this.#sink = sink;
    this.#leftovers = leftovers;
  }

  /** The pod with its worker's latest report, by `namespace/name`. */
  find(fullName: string): { readonly pod: Pod; readonly report: PodReport } | undefined {
    const worker = this.#workers.get(fullName);
    return worker === undefined ? undefined : { pod: worker.pod, report: worker.report() };
  }

  /** All pods of this node as they are now, in the order of their names. */
  list(): { readonly pod: Pod; readonly report: PodReport }[] {
    return [...this.#workers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, worker]) => ({ pod: worker.pod, report: worker.report() }));
  }

  /** The full set of wanted pods, from the pod source. */
  setPods({ pods, apiKnown }: WantedPods): void {
    const leftovers = this.#leftovers;
    this.#leftovers = [];
    this.#wanted = new Map(pods.map((pod) => [podFullName(pod), pod]));
    if (!apiKnown) {
      // As long as the API server has not been heard, its pods go on as they are.
      const kept = [...leftovers.map(({ pod }) => pod), ...[...this.#workers.values()].map(({ pod }) => pod)];
      for (const pod of kept.filter(isFromApi)) this.#wanted.set(podFullName(pod), pod);
    }
    for (const record of leftovers) {
      log.info('Adopting pod', { pod: podFullName(record.pod), podUID: record.pod.metadata.uid });
      this.#startWorker(record);
    }
    for (const fullName of this.#workers.keys()) this.#reconcile(fullName);
    for (const pod of this.#wanted.values()) this.#ensureWorker(pod);
    this.#publish();
  }

  /** An image or the CNI configuration came: pods may be able to go on. */
  async wake(): Promise<void> {
    this.#networkProblem = await this.#context.network.notReady();
    for (const worker of this.#workers.values()) worker.trigger();
    this.#publish();
  }

  /** Tells a worker what is wanted of its pod now. */
  #reconcile(fullName: string): void {
    const worker = this.#workers.get(fullName);
    const wanted = this.#wanted.get(fullName);
    if (worker === undefined) return;
    if (wanted === undefined || !samePod(wanted, worker.pod)) worker.terminate();
    else {
      if (isFromApi(wanted)) worker.update(wanted);
      if (wanted.metadata.deletionTimestamp !== undefined) {
        worker.terminate(wanted.metadata.deletionGracePeriodSeconds);
      }
    }
  }

  #ensureWorker(pod: Pod): void {
    const fullName = podFullName(pod);
    if (this.#workers.has(fullName) || this.#starting.has(fullName)) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      // It has ended already, or never began.
      this.#sink.podEnded?.(pod, undefined);
      return;
    }
    if (hasEnded(pod)) return;
    this.#starting.add(fullName);
    log.info('SyncLoop ADD', { pod: fullName, podUID: pod.metadata.uid });
    const startTime = new Date(this.#context.clock()).toISOString();
    const record: PodRecord = { pod, startTime, sandbox: undefined, containers: [] };
    // On disk before anything is made: whatever happens, the next kubelet knows of the pod.
    void savePod(this.#context.paths, record)
      .catch((error: unknown) => log.error('Pod state cannot be written', { pod: fullName, err: error }))
      .then(() => {
        this.#starting.delete(fullName);
        this.#startWorker(record);
      });
  }

  #startWorker(record: PodRecord): void {
    const fullName = podFullName(record.pod);
    if (this.#workers.has(fullName)) return;
    const worker = new PodWorker(this.#context, record, () => this.#publish());
    this.#workers.set(fullName, worker);
    void worker.done.then((last) => {
      log.info('SyncLoop REMOVE', { pod: fullName, podUID: record.pod.metadata.uid });
      this.#workers.delete(fullName);
      this.#sink.podEnded?.(worker.pod, last);
      const next = this.#wanted.get(fullName);
      const finished = next?.metadata.uid === worker.pod.metadata.uid && next.metadata.deletionTimestamp;
      if (next !== undefined && !finished) this.#ensureWorker(next);
      this.#publish();
    });
    this.#reconcile(fullName);
    worker.trigger();
  }

  /** Changes of one turn of the event loop make one report. */
  #publish(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    setImmediate(() => {
      this.#publishing = false;
      this.#sink.publish({
        node: this.#shortName,
        nodeName: this.#context.nodeName,
        ready: this.#networkProblem === undefined,
        message: this.#networkProblem ?? '',
        wanted: [...this.#wanted.keys()].sort(),
        pods: this.list().map(({ report }) => report),
      });
    });
  }
}
