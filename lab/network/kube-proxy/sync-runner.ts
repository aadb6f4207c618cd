const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;

/**
 * Runs a sync when one is asked for: one at a time, not more often than allowed, and again after a failure, later and
 * later. What is asked for meanwhile makes the next.
 */
export class SyncRunner {
  readonly #sync: () => Promise<boolean>;
  readonly #minPeriodMs: number;
  #scheduled = false;
  #running = false;
  #stopped = false;
  #retryMs = FIRST_RETRY_MS;
  #lastStart = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  /**
   * @param sync resolves to whether it succeeded
   * @param minPeriodMs from the start of one to the start of the next at least
   */
  constructor(sync: () => Promise<boolean>, minPeriodMs: number) {
    this.#sync = sync;
    this.#minPeriodMs = minPeriodMs;
  }

  trigger(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    // One write to the API may come as several events (a service, its slice): a turn of the event loop gathers them.
    if (!this.#running) setImmediate(() => this.#begin());
  }

  /** Resolves when nothing waits and nothing runs. */
  async settled(): Promise<void> {
    if (this.#scheduled || this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
    else this.#rest();
  }

  #begin(): void {
    const wait = this.#lastStart + this.#minPeriodMs - performance.now();
    if (this.#stopped) this.#rest();
    else if (wait > 0) this.#timer = setTimeout(() => this.#begin(), wait);
    else void this.#run();
  }

  async #run(): Promise<void> {
    this.#scheduled = false;
    this.#running = true;
    this.#lastStart = performance.now();
    const done = await this.#sync();
    this.#running = false;
    if (done) this.#retryMs = FIRST_RETRY_MS;
    if (this.#stopped) this.#rest();
    else if (!done) {
      this.#scheduled = true;
      this.#timer = setTimeout(() => this.#begin(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    } else if (this.#scheduled) this.#begin();
    else this.#rest();
  }

  #rest(): void {
    this.#scheduled = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
