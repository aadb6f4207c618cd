import type { Clock } from '../backoff.ts';

const SECOND = 1000;
/** Node's timers take no more; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/** The time in which a container has to end. A second request to end it can only shorten it. */
export class GracePeriod {
  readonly #clock: Clock;
  /** What was asked for last, seconds. */
  #asked: number;
  #end: number;
  #moved = () => {};

  /** @param seconds 0 for at once */
  constructor(seconds: number, clock: Clock) {
    this.#clock = clock;
    this.#asked = seconds;
    this.#end = clock() + seconds * SECOND;
  }

  /** Seconds. */
  get left(): number {
    return Math.max(0, this.#end - this.#clock()) / SECOND;
  }

  /** @param seconds from now */
  shorten(seconds: number): void {
    const end = this.#clock() + seconds * SECOND;
    if (end >= this.#end) return;
    this.#asked = seconds;
    this.#end = end;
    this.#moved();
  }

  /** Makes sure of some seconds more, unless the container was to end at once. */
  atLeast(seconds: number): void {
    if (this.#asked > 0) this.#end = Math.max(this.#end, this.#clock() + seconds * SECOND);
  }

  /** Waits for something, or for the end of the period. @returns whether it came in time */
  outlasts(event: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (came: boolean) => {
        clearTimeout(timer);
        this.#moved = () => {};
        resolve(came);
      };
      const arm = () => {
        clearTimeout(timer);
        timer = setTimeout(() => settle(false), Math.min(this.left * SECOND, LONGEST));
      };
      this.#moved = arm;
      arm();
      event.then(
        () => settle(true),
        () => settle(true),
      );
    });
  }
}
