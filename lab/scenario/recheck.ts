import { type Clock, startDeadline } from './clock.ts';

export interface Recheck<T> {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly attempt: () => Promise<T>;
  readonly done: (result: T) => boolean;
  /** Resolves at the next event after the call. */
  readonly changed: () => Promise<unknown>;
}

export interface Rechecked<T> {
  readonly result: T;
  readonly attempts: number;
  /** True when the deadline passed first. */
  readonly late: boolean;
}

/**
 * Tries, and tries again after each event, until it is done or the deadline passed. The last attempt is made after the
 * deadline, so an event that was missed costs time and never a false failure.
 */
export async function recheck<T>(options: Recheck<T>): Promise<Rechecked<T>> {
  const deadline = startDeadline(options.clock, options.withinMs);
  let attempts = 0;
  const attempt = async (): Promise<T> => {
    attempts += 1;
    return options.attempt();
  };
  try {
    for (;;) {
      const event = options.changed();
      const result = await attempt();
      if (options.done(result)) return { result, attempts, late: false };
      if ((await Promise.race([event, deadline.passed])) === 'passed') {
        const last = await attempt();
        return { result: last, attempts, late: !options.done(last) };
      }
    }
  } finally {
    deadline.cancel();
  }
}
