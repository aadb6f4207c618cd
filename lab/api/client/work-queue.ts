import { type Clock, systemClock } from './clock.ts';

export interface WorkQueueOptions {
  /** Keys handled at once; the same key never twice at once. */
  readonly concurrency?: number;
  readonly clock?: Clock;
  /** First delay after a failure, doubled with every further one. As client-go: 5 ms … 1000 s; here at most 30 s. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Told of every failure of the handler, before the key is tried again. */
  readonly onError?: (key: string, error: unknown) => void;
}

/**
 * Keys to be worked on, as client-go's rate-limited work queue: a key added twice is handled once; one added while it is
 * being handled is handled again afterwards; one whose handler throws comes back later and later.
 */
export class WorkQueue {
  readonly #handle: (key: string) => Promise<void> | void;
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { at: number; cancel: () => void }>();
  #idle: (() => void)[] = [];
  #scheduled = false;
  #stopped = false;

  constructor(handle: (key: string) => Promise<void> | void, options: WorkQueueOptions = {}) {
    this.#handle = handle;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#schedule();
  }

  /** Adds later; of several delays for a key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + ms;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { at, cancel });
  }

  /** Adds after the back-off that the key's failures so far call for. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const { baseDelayMs = 5, maxDelayMs = 30_000 } = this.#options;
    this.addAfter(key, Math.min(maxDelayMs, baseDelayMs * 2 ** failures));
  }

  /** Resolves when nothing is waiting or being handled (delayed keys aside). */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more keys; resolves when the handlers that run have ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    await this.idle();
  }

  #isIdle(): boolean {
    return this.#waiting.size === 0 && this.#active.size === 0;
  }

  /** A turn of the microtask queue later, so that the events of one moment are handled together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    for (const key of this.#waiting) {
      if (this.#active.size >= (this.#options.concurrency ?? 1)) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#handle(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#options.onError?.(key, error);
      this.addRateLimited(key);
    }
    this.#active.delete(key);
    this.#start();
    if (this.#isIdle()) {
      const waiters = this.#idle;
      this.#idle = [];
      for (const resolve of waiters) resolve();
    }
  }
}
