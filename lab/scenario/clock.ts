/** Time as the scenario engine sees it; tests give it a clock that they move by hand. */
export interface Clock {
  /** Milliseconds from some fixed moment. */
  now(): number;
  /** Calls `fire` once after `ms`; the returned function takes that back. Only deadlines use it, nothing sleeps. */
  after(ms: number, fire: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, fire) {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

export interface Deadline {
  readonly ms: number;
  /** Resolves when the time is over; never rejects. */
  readonly passed: Promise<'passed'>;
  cancel(): void;
}

export function startDeadline(clock: Clock, ms: number): Deadline {
  let cancel = (): void => {};
  const passed = new Promise<'passed'>((resolve) => {
    cancel = clock.after(ms, () => resolve('passed'));
  });
  return { ms, passed, cancel: () => cancel() };
}

/** A time-out names its condition and its duration. */
export class TimeoutError extends Error {
  readonly condition: string;
  readonly ms: number;

  constructor(condition: string, ms: number) {
    super(`time-out after ${seconds(ms)}: ${condition}`);
    this.name = 'TimeoutError';
    this.condition = condition;
    this.ms = ms;
  }
}

/** Settles as `work` does, or rejects with a {@link TimeoutError} that says `condition`. */
export async function within<T>(clock: Clock, ms: number, condition: string, work: Promise<T>): Promise<T> {
  const deadline = startDeadline(clock, ms);
  try {
    const first = await Promise.race([work.then((value) => ({ value })), deadline.passed]);
    if (first === 'passed') throw new TimeoutError(condition, ms);
    return first.value;
  } finally {
    deadline.cancel();
  }
}

/** `15 s`, `0.25 s`. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(ms < 1000 ? 3 : 1))} s`;
}
