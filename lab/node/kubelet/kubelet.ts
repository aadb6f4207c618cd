import { type Pod, podFullName } from '../runtime/index.ts';
import type { NodeContext } from './context.ts';
import { log } from './log.ts';
import { savePod } from './pod-state.ts';
import type { PodRecord } from './pod-status.ts';
import { PodWorker } from './pod-worker.ts';
import type { StatusSink } from './status-sink.ts';

/** Same pod, same spec: it goes on. Anything else replaces it. */
export function samePod(a: Pod, b: Pod): boolean {
  return a.metadata.uid === b.metadata.uid && JSON.stringify(a) === JSON.stringify(b);
}

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

  /** The full set of wanted pods, from the pod source. */
  setPods(pods: readonly Pod[]): void {
    this.#wanted = new Map(pods.map((pod) => [podFullName(pod), pod]));
    const leftovers = this.#leftovers;
    this.#leftovers = [];
    for (const record of leftovers) {
      log.info('Adopting pod', { pod: podFullName(record.pod), podUID: record.pod.metadata.uid });
      this.#startWorker(record);
    }
    for (const [fullName, worker] of this.#workers) {
      const wanted = this.#wanted.get(fullName);
      if (wanted === undefined || !samePod(wanted, worker.pod)) worker.terminate();
    }
    for (const pod of this.#wanted.values()) this.#ensureWorker(pod);
    this.#publish();
  }

  /** An image or the CNI configuration came: pods may be able to go on. */
  async wake(): Promise<void> {
    this.#networkProblem = await this.#context.network.notReady();
    for (const worker of this.#workers.values()) worker.trigger();
    this.#publish();
  }

  #ensureWorker(pod: Pod): void {
    const fullName = podFullName(pod);
    if (this.#workers.has(fullName) || this.#starting.has(fullName)) return;
    this.#starting.add(fullName);
    log.info('SyncLoop ADD', { pod: fullName, podUID: pod.metadata.uid });
    const startTime = new Date(this.#context.clock()).toISOString();
    const record: PodRecord = { pod, startTime, sandbox: undefined, containers: [] };
    // On disk before anything is made: whatever happens, the next kubelet knows of the pod.
    void savePod(this.#context.paths, record).then(() => {
      this.#starting.delete(fullName);
      this.#startWorker(record);
    });
  }

  #startWorker(record: PodRecord): void {
    const fullName = podFullName(record.pod);
    if (this.#workers.has(fullName)) return;
    const worker = new PodWorker(this.#context, record, () => this.#publish());
    this.#workers.set(fullName, worker);
    void worker.done.then(() => {
      log.info('SyncLoop REMOVE', { pod: fullName, podUID: record.pod.metadata.uid });
      this.#workers.delete(fullName);
      const next = this.#wanted.get(fullName);
      if (next !== undefined) this.#ensureWorker(next);
      this.#publish();
    });
    const wanted = this.#wanted.get(fullName);
    if (wanted === undefined || !samePod(wanted, record.pod)) worker.terminate();
    else worker.trigger();
  }

  /** Changes of one turn of the event loop make one report. */
  #publish(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    setImmediate(() => {
      this.#publishing = false;
      const pods = [...this.#workers.values()].map((worker) => worker.report());
      this.#sink.publish({
        node: this.#shortName,
        nodeName: this.#context.nodeName,
        ready: this.#networkProblem === undefined,
        message: this.#networkProblem ?? '',
        wanted: [...this.#wanted.keys()].sort(),
        pods: pods.sort((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`)),
      });
    });
  }
}
