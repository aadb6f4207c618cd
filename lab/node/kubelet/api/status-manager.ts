import { type ApiClient, ApiError, type Informer, isNotFound, PODS } from '../../../api/client/index.ts';
import type { Condition } from '../../../api/objects/index.ts';
import type { Pod } from '../../runtime/index.ts';
import type { Clock } from '../backoff.ts';
import { log } from '../log.ts';
import type { PodReport } from '../pod-report.ts';
import { isFromApi } from '../static-pod.ts';
import type { NodeReport, StatusSink } from '../status-sink.ts';
import { type ApiPod, isMirror } from './pod-from-api.ts';
import { apiPodStatus } from './pod-status.ts';
import { isUnderWay } from './under-way.ts';

/**
 * Whether the API has what was written. The node lifecycle controller, too, writes to Ready, and within a second its time tells
 * nothing. needsReconcile of the real one.
 */
function agree(wanted: readonly Condition[], has: readonly Condition[]): boolean {
  const statuses = new Map(has.map(({ type, status }) => [type, status]));
  return wanted.every(({ type, status }) => statuses.get(type) === status);
}

/**
 * So long it is not told of a pod that it is on its way. Most are there by then, and each write is an event to a dozen watchers.
 */
const QUIET_START = 500;
const FIRST_RETRY = 100;
const LAST_RETRY = 5000;

interface Entry {
  readonly namespace: string;
  readonly name: string;
  report: PodReport | undefined;
  /** What was written last, to the object with this uid. */
  sent: { readonly uid: string; readonly status: string } | undefined;
  /** The pod that has ended and whose object is to go. */
  ended: Pod | undefined;
  /** Of the pod with this uid it is told from then on that it is on its way. */
  quiet: { readonly uid: string; over: boolean } | undefined;
  busy: boolean;
  again: boolean;
  retry: number;
}

/**
 * Writes the status of each pod to the API, one write of a pod at a time and always the newest state; the object of a
 * pod that was to be deleted and has ended goes with its last status. pkg/kubelet/status/status_manager.go.
 */
export class StatusManager implements StatusSink {
  readonly #client: ApiClient;
  readonly #pods: Informer<ApiPod>;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(client: ApiClient, pods: Informer<ApiPod>, clock: Clock) {
    this.#client = client;
    this.#pods = pods;
    this.#clock = clock;
    // A mirror that has been made anew, and a status that somebody else has changed, get the right one.
    const look = (pod: ApiPod) => {
      const entry = this.#entries.get(`${pod.metadata.namespace}/${pod.metadata.name}`);
      if (entry !== undefined) this.#look(entry);
    };
    pods.on({ add: look, update: look });
  }

  publish(report: NodeReport): void {
    const present = new Set<string>();
    for (const pod of report.pods) {
      const key = `${pod.namespace}/${pod.name}`;
      present.add(key);
      const entry = this.#entry(pod.namespace, pod.name);
      // The same report as last time: nothing has happened to this pod.
      if (entry.report === pod) continue;
      entry.report = pod;
      this.#look(entry);
    }
    for (const [key, entry] of this.#entries) {
      if (!present.has(key) && entry.ended === undefined) this.#entries.delete(key);
    }
  }

  podEnded(pod: Pod, last: PodReport | undefined): void {
    if (!isFromApi(pod)) return;
    const entry = this.#entry(pod.metadata.namespace, pod.metadata.name);
    if (last !== undefined) entry.report = last;
    entry.ended = pod;
    this.#look(entry);
  }

  #entry(namespace: string, name: string): Entry {
    const key = `${namespace}/${name}`;
    const entry: Entry = this.#entries.get(key) ?? {
      namespace,
      name,
      report: undefined,
      sent: undefined,
      ended: undefined,
      quiet: undefined,
      busy: false,
      again: false,
      retry: FIRST_RETRY,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #look(entry: Entry): void {
    entry.again = true;
    if (!entry.busy) void this.#drain(entry);
  }

  async #drain(entry: Entry): Promise<void> {
    entry.busy = true;
    try {
      while (entry.again) {
        entry.again = false;
        await this.#sync(entry);
        entry.retry = FIRST_RETRY;
      }
    } catch (error) {
      const pod = `${entry.namespace}/${entry.name}`;
      log.error('Failed to update status for pod', { pod, err: error as Error });
      entry.retry = Math.min(entry.retry * 2, LAST_RETRY);
      setTimeout(() => this.#look(entry), entry.retry);
    } finally {
      entry.busy = false;
    }
  }

  async #sync(entry: Entry): Promise<void> {
    const { namespace, name, report } = entry;
    const object = this.#pods.get(name, namespace);
    if (report !== undefined && object !== undefined) await this.#write(entry, report, object);
    const { ended } = entry;
    if (ended === undefined) return;
    await this.#delete(ended);
    entry.ended = undefined;
    this.#entries.delete(`${namespace}/${name}`);
  }

  async #write(entry: Entry, report: PodReport, object: ApiPod): Promise<void> {
    const { uid = '' } = object.metadata;
    // The object may be of another pod of the same name, whose own worker has not begun yet.
    if (!isMirror(object) && uid !== report.uid) return;
    if (this.#keepsQuiet(entry, report)) return;
    const before = (object.status?.conditions ?? []) as readonly Condition[];
    const status = apiPodStatus(report, before, this.#clock());
    const text = JSON.stringify(status);
    if (entry.sent?.uid === uid && entry.sent.status === text && agree(status.conditions, before)) return;
    try {
      const patch = { metadata: { uid }, status };
      const answer = await this.#client.patch<ApiPod>(PODS, entry.name, entry.namespace, patch, {
        subresource: 'status',
      });
      entry.sent = { uid, status: text };
      this.#pods.observe(answer);
    } catch (error) {
      // Gone, or replaced by another: there is nothing to tell any more.
      if (isNotFound(error) || (error instanceof ApiError && error.code === 409)) return;
      throw error;
    }
  }

  #keepsQuiet(entry: Entry, report: PodReport): boolean {
    if (!isUnderWay(report)) return false;
    if (entry.quiet?.uid !== report.uid) {
      const quiet = { uid: report.uid, over: false };
      entry.quiet = quiet;
      setTimeout(() => {
        quiet.over = true;
        if (entry.quiet === quiet) this.#look(entry);
      }, QUIET_START);
    }
    return !entry.quiet.over;
  }

  async #delete(pod: Pod): Promise<void> {
    const { name, namespace, uid, deletionTimestamp } = pod.metadata;
    // Without a deletion time its object has gone already, or its name belongs to another.
    if (deletionTimestamp === undefined) return;
    try {
      await this.#client.delete(PODS, name, namespace, { gracePeriodSeconds: 0, uid });
      this.#pods.forget(uid);
    } catch (error) {
      if (isNotFound(error) || (error instanceof ApiError && error.code === 409)) return;
      throw error;
    }
  }
}
