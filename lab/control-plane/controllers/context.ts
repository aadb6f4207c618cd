import {
  type ApiClient,
  type Clock,
  type EventRecorder,
  type InformerFactory,
  isConflict,
  isNotFound,
  WorkQueue,
} from '../../api/client/index.ts';
import type { Log } from '../../api/klog.ts';

/** What every controller is given. */
export interface ControllerContext {
  /** Writes appear in the informers at once (writeThrough). */
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Log;
  /** A recorder that signs with the controller's name. */
  recorder(component: string): EventRecorder;
}

/** A controller registers with its informers when made, and works from {@link Controller.start} on. */
export interface Controller {
  readonly name: string;
  /** Called after the informers have synced. */
  start(): void;
  stop(): Promise<void>;
  /** Resolves when it has nothing to do at the moment; for tests. */
  idle(): Promise<void>;
}

/** A queue for a controller's keys: holds them back until it is opened, logs failures, and retries. */
export class ControllerQueue {
  readonly #queue: WorkQueue;
  #early: Set<string> | undefined = new Set();

  constructor(
    name: string,
    { clock, log }: ControllerContext,
    reconcile: (key: string) => Promise<void>,
    concurrency = 5,
  ) {
    this.#queue = new WorkQueue(reconcile, {
      concurrency,
      clock,
      onError: (key, error) => {
        // Somebody else was faster, or has deleted the object; the retry sees it. That is the normal course of things.
        if (!isConflict(error) && !isNotFound(error))
          log.error('Syncing failed', { controller: name, key, err: error });
      },
    });
  }

  /** A reconciler must not act on half a picture: what is added before all informers have listed waits. */
  open(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const key of early ?? []) this.#queue.add(key);
  }

  add(key: string): void {
    if (this.#early) this.#early.add(key);
    else this.#queue.add(key);
  }

  addAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }
}

/** A controller that is a queue with informer handlers. */
export function queueController(name: string, queue: ControllerQueue): Controller {
  return { name, start: () => queue.open(), stop: () => queue.stop(), idle: () => queue.idle() };
}
