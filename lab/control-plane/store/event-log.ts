import type { Entry } from './entry.ts';

/** One committed change. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** The new state; of a deletion the last state, carrying the deletion's revision. */
  readonly entry: Entry;
  readonly previous: Entry | undefined;
}

/** Bounds of the watch cache of one resource. */
export interface LogBounds {
  readonly events: number;
  readonly bytes: number;
}

export const DEFAULT_LOG_BOUNDS: LogBounds = { events: 2000, bytes: 4 << 20 };

/** The last changes of one resource, so that a watch can begin at a past revision. */
export class EventLog {
  readonly #bounds: LogBounds;
  #events: StoreEvent[] = [];
  #bytes = 0;
  /** Revisions up to here are forgotten: a watch from before it is answered with 410. */
  compactedAt: number;

  constructor(compactedAt: number, bounds: LogBounds) {
    this.compactedAt = compactedAt;
    this.#bounds = bounds;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += event.entry.body.length;
    // A quarter at a time: dropping one by one would move the whole array for each write.
    if (this.#events.length > this.#bounds.events || this.#bytes > this.#bounds.bytes)
      this.#drop(Math.ceil(this.#events.length / 4));
  }

  /** Forgets events up to and including a revision. */
  compact(revision: number): void {
    let count = 0;
    while (count < this.#events.length && (this.#events[count]?.revision ?? 0) <= revision) count++;
    this.#drop(count);
    this.compactedAt = Math.max(this.compactedAt, revision);
  }

  /** Changes after a revision, oldest first. The caller has checked {@link compactedAt}. */
  after(revision: number): readonly StoreEvent[] {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  #drop(count: number): void {
    if (count === 0) return;
    const dropped = this.#events.slice(0, count);
    this.#events = this.#events.slice(count);
    for (const event of dropped) this.#bytes -= event.entry.body.length;
    this.compactedAt = Math.max(this.compactedAt, dropped.at(-1)?.revision ?? 0);
  }
}
