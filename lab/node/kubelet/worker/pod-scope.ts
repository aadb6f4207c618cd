import { type Container, type Pod, podFullName } from '../../runtime/index.ts';
import type { NodeContext } from '../context.ts';
import { log } from '../log.ts';
import { savePod } from '../pod-state.ts';
import type { PodRecord } from '../pod-status.ts';

/** What a worker hands to its parts: looking again, now or later. */
export interface Wake {
  trigger(): void;
  wakeIn(milliseconds: number): void;
  /** Whether the pod is to go. */
  terminating(): boolean;
  changed(): void;
}

/** One pod's record and what else its worker's parts share. The record is on disk after every change. */
export class PodScope {
  readonly context: NodeContext;
  readonly wake: Wake;
  /** Why a container does not run yet, by its name. */
  readonly waiting = new Map<string, { reason: string; message: string }>();
  /** Why the pod as a whole does not go on. */
  message = '';
  #record: PodRecord;
  #saving: Promise<void> = Promise.resolve();
  /** A write that has not begun yet: it takes what is the newest then. */
  #queued: Promise<void> | undefined;
  #closed = false;

  constructor(context: NodeContext, record: PodRecord, wake: Wake) {
    this.context = context;
    this.#record = record;
    this.wake = wake;
  }

  get record(): PodRecord {
    return this.#record;
  }

  get pod(): Pod {
    return this.#record.pod;
  }

  /** Takes a new record over that is not to be told to anybody yet; {@link update} follows. */
  note(record: PodRecord): void {
    this.#record = record;
  }

  /** Takes a new record over and saves it. @returns when it is on disk */
  update(record: PodRecord): Promise<void> {
    this.#record = record;
    this.wake.changed();
    // One write after the other, and one for all changes that come meanwhile.
    this.#queued ??= this.#saving
      .then(() => {
        this.#queued = undefined;
        return this.#closed ? undefined : savePod(this.context.paths, this.#record);
      })
      .catch((error: unknown) =>
        log.error('Pod state cannot be written', { pod: podFullName(this.pod), err: error }),
      );
    this.#saving = this.#queued;
    return this.#queued;
  }

  /** No more writes; resolves when the last one is over. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#saving;
  }

  wait(container: Container, reason: string, message: string): void {
    const before = this.waiting.get(container.name);
    if (before?.reason === reason && before.message === message) return;
    this.waiting.set(container.name, { reason, message });
    this.wake.changed();
  }

  /** @param container name of the container that the event is about; the pod as a whole without one */
  event(type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    this.context.event(this.pod, type, reason, message, container);
  }

  now(): number {
    return this.context.clock();
  }

  timestamp(): string {
    return new Date(this.now()).toISOString();
  }
}

/** Where a wait starts and ends, by what waits; milliseconds. */
const SECOND = 1000;
/** Back-off of restarts and of pulls: 10 s, doubled up to 5 min, as the real kubelet's. */
export const RESTART_BACKOFF = [10 * SECOND, 300 * SECOND] as const;
/** Sandboxes, volumes and CNI DEL are tried again sooner than by the real kubelet, which suits a lab. */
export const SANDBOX_BACKOFF = [1 * SECOND, 60 * SECOND] as const;
/** After an error that no event will mend. */
export const RETRY = 10 * SECOND;
