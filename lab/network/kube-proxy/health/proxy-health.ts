/** Whether the proxy keeps up: a change that waits too long for its rules makes it unhealthy. */
export class ProxyHealth {
  readonly #timeoutMs: number;
  readonly #now: () => number;
  #oldestPending: number | undefined;
  #lastUpdated: number;

  /** @param timeoutMs how long a change may wait */
  constructor(timeoutMs: number, now: () => number = Date.now) {
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#lastUpdated = now();
  }

  queued(): void {
    this.#oldestPending ??= this.#now();
  }

  /** All changes queued before `started` (ms) are in force. */
  updated(started: number): void {
    if (this.#oldestPending !== undefined && this.#oldestPending <= started) this.#oldestPending = undefined;
    this.#lastUpdated = this.#now();
  }

  get healthy(): boolean {
    return this.#oldestPending === undefined || this.#now() - this.#oldestPending < this.#timeoutMs;
  }

  /** The body of /healthz and /livez; the time of the last update is now as long as nothing waits. */
  report(): { readonly code: number; readonly body: string } {
    const currentTime = new Date(this.#now()).toISOString();
    const lastUpdated = this.healthy ? currentTime : new Date(this.#lastUpdated).toISOString();
    const body = JSON.stringify({ lastUpdated, currentTime, nodeEligible: true });
    return { code: this.healthy ? 200 : 503, body };
  }
}
