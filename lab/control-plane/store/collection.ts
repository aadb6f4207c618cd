import type { Entry } from './entry.ts';
import { EventLog, type LogBounds, type StoreEvent } from './event-log.ts';

export type Listener = (event: StoreEvent) => void;

/** What lists and watches need of a resource: objects of its own, or a view of another's. */
export interface CollectionReader {
  /** Revisions up to here are forgotten: a list or watch from before it is answered with 410. */
  readonly compactedAt: number;
  get(key: string): Entry | undefined;
  list(namespace?: string): readonly Entry[];
  /** The objects as they were at a past revision, which is not before {@link compactedAt}. */
  listAt(revision: number, namespace?: string): readonly Entry[];
  /** Changes after a revision, oldest first. */
  after(revision: number): readonly StoreEvent[];
  /** Calls back with each committed change from now on. @returns what ends it */
  listen(listener: Listener): () => void;
}

/** All committed objects of one resource, sorted by key, with their recent past and their watchers. */
export class Collection implements CollectionReader {
  readonly log: EventLog;
  readonly #byKey = new Map<string, Entry>();
  #sorted: Entry[] = [];
  readonly #listeners = new Set<Listener>();

  constructor(compactedAt: number, bounds: LogBounds) {
    this.log = new EventLog(compactedAt, bounds);
  }

  get size(): number {
    return this.#sorted.length;
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  get compactedAt(): number {
    return this.log.compactedAt;
  }

  after(revision: number): readonly StoreEvent[] {
    return this.log.after(revision);
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key);
  }

  /** Objects of a namespace, or all; sorted by key as etcd returns them. */
  list(namespace?: string): readonly Entry[] {
    return within(this.#sorted, namespace);
  }

  /**
   * The objects as they were at a past revision: today's, with later changes undone.
   * The caller has checked that the log reaches back that far.
   */
  listAt(revision: number, namespace?: string): readonly Entry[] {
    const later = this.log.after(revision);
    if (later.length === 0) return this.list(namespace);
    const then = new Map(this.#byKey);
    for (const event of later.toReversed()) {
      if (event.previous) then.set(event.previous.key, event.previous);
      else then.delete(event.entry.key);
    }
    const sorted = [...then.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return within(sorted, namespace);
  }

  /** Takes in objects read from disk, in any order. */
  load(entries: readonly Entry[]): void {
    for (const entry of entries) this.#byKey.set(entry.key, entry);
    this.#sorted = [...this.#byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  apply(event: StoreEvent): void {
    const { key } = event.entry;
    const at = lowerBound(this.#sorted, key);
    if (event.type === 'DELETED') {
      this.#byKey.delete(key);
      this.#sorted.splice(at, 1);
    } else {
      this.#byKey.set(key, event.entry);
      this.#sorted.splice(at, event.type === 'MODIFIED' ? 1 : 0, event.entry);
    }
    this.log.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function within(sorted: readonly Entry[], namespace: string | undefined): readonly Entry[] {
  if (namespace === undefined || namespace === '') return sorted.slice();
  // '0' is the character after '/'.
  return sorted.slice(lowerBound(sorted, `${namespace}/`), lowerBound(sorted, `${namespace}0`));
}

/** Index of the first entry whose key is not less. */
export function lowerBound(sorted: readonly Entry[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.key ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
