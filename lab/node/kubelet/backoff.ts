/** Milliseconds since the epoch; tests bring their own. */
export type Clock = () => number;

/**
 * Growing waits by key, as k8s.io/client-go/util/flowcontrol.Backoff: the wait doubles with each failure up to
 * `max` and starts anew when the last failure is more than twice `max` ago.
 */
export class Backoff {
  readonly #initial: number;
  readonly #max: number;
  readonly #clock: Clock;
  readonly #entries = new Map<string, { wait: number; updated: number }>();

  /** @param initial first wait, milliseconds @param max longest wait, milliseconds */
  constructor(initial: number, max: number, clock: Clock = Date.now) {
    this.#initial = initial;
    this.#max = max;
    this.#clock = clock;
  }

  /** The current wait for a key in milliseconds, 0 when it has none. */
  wait(key: string): number {
    return this.#entries.get(key)?.wait ?? 0;
  }

  /**
   * @param since when the thing that is to be repeated ended
   * @returns milliseconds still to wait, 0 when it may start.
   */
  remaining(key: string, since: number): number {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#expired(entry, since)) return 0;
    return Math.max(0, entry.wait - (this.#clock() - since));
  }

  /** Notes one more attempt. @param since as for {@link remaining} */
  next(key: string, since: number): void {
    const entry = this.#entries.get(key);
    const wait =
      entry === undefined || this.#expired(entry, since)
        ? this.#initial
        : Math.min(entry.wait * 2, this.#max);
    this.#entries.set(key, { wait, updated: this.#clock() });
  }

  reset(key: string): void {
    this.#entries.delete(key);
  }

  #expired(entry: { updated: number }, since: number): boolean {
    return since - entry.updated > this.#max * 2;
  }
}

/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`. */
export function goDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
