/** Calls something again later, waiting twice as long each time up to a bound. One call is due at most. */
export class BackOff {
  readonly #firstMs: number;
  readonly #longestMs: number;
  readonly #action: () => void;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param firstMs pause before the first call, milliseconds
   * @param longestMs no pause is longer
   */
  constructor(firstMs: number, longestMs: number, action: () => void) {
    this.#firstMs = firstMs;
    this.#longestMs = longestMs;
    this.#action = action;
  }

  /** Pauses begun since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Of several failures during one pause (an event came before it was over) only the first counts. */
  failed(): void {
    if (this.#timer) return;
    const pause = Math.min(this.#firstMs * 2 ** this.#failures, this.#longestMs);
    this.#failures++;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#action();
    }, pause);
  }

  succeeded(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
  }
}
