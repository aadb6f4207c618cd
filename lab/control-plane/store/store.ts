import type { KubeObject } from '../registry/index.ts';
import { Collection, type CollectionReader, type Listener } from './collection.ts';
import type { DiskWrite, Engine } from './engine.ts';
import { Entry, type EntryType, entryOf, keyOf } from './entry.ts';
import { DEFAULT_LOG_BOUNDS, type LogBounds, type StoreEvent } from './event-log.ts';
import { CollectionView, type ViewOptions } from './view.ts';

interface Pending {
  readonly resource: string;
  readonly event: StoreEvent;
  readonly done: Promise<Entry>;
  resolve(entry: Entry): void;
  reject(error: unknown): void;
}

export interface StoreOptions {
  readonly engine: Engine;
  /** Kinds by resource key, e.g. `deployments.apps`. Objects of other resources stay on disk, unseen. */
  readonly types: ReadonlyMap<string, EntryType>;
  readonly logBounds?: LogBounds;
  /** Resources that are derived from others, by resource key; their types are among {@link types}. */
  readonly views?: ReadonlyMap<string, ViewOptions>;
}

/**
 * The API server's state: everything in memory, every write on disk before it is seen or answered.
 *
 * A write goes through two states. It is *accepted* at once and in order, so that the next writer sees it (compare and
 * swap, allocation of addresses); it is *committed* when its transaction is on disk, and only then do readers and
 * watchers see it. Writes that arrive while a transaction is under way share the next one (group commit).
 */
export class Store {
  readonly #engine: Engine;
  readonly #types: ReadonlyMap<string, EntryType>;
  readonly #collections = new Map<string, Collection>();
  readonly #views = new Map<string, CollectionView>();
  /** Accepted and not yet committed: newest state by resource and key; undefined is a deletion. */
  readonly #accepted = new Map<string, Map<string, Entry | undefined>>();
  #queue: Pending[] = [];
  #inFlight: readonly Pending[] = [];
  #committing = false;
  #lastAccepted: number;
  #committed: number;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: StoreOptions) {
    this.#engine = options.engine;
    this.#types = options.types;
    const { revision, objects } = options.engine.load();
    this.#lastAccepted = this.#committed = Math.max(revision, 1);
    const loaded = new Map<string, Entry[]>();
    for (const object of objects) {
      const type = options.types.get(object.resource);
      if (!type) continue;
      const entries = loaded.get(object.resource) ?? [];
      entries.push(new Entry(object.key, object.revision, object.body, type));
      loaded.set(object.resource, entries);
    }
    for (const resource of options.types.keys()) {
      if (options.views?.has(resource)) continue;
      // A new store has no past to have forgotten; after a restart the past is what happened before.
      const compactedAt = revision === 0 ? 0 : this.#committed;
      const collection = new Collection(compactedAt, options.logBounds ?? DEFAULT_LOG_BOUNDS);
      collection.load(loaded.get(resource) ?? []);
      this.#collections.set(resource, collection);
    }
    for (const [resource, { of, derive }] of options.views ?? [])
      this.#views.set(resource, new CollectionView(this.collection(of), this.#type(resource), derive));
  }

  /** Revision of the last committed write: the resourceVersion of lists. */
  get revision(): number {
    return this.#committed;
  }

  get(resource: string, namespace: string | undefined, name: string): Entry | undefined {
    return this.reader(resource).get(keyOf(namespace, name));
  }

  list(resource: string, namespace?: string): readonly Entry[] {
    return this.reader(resource).list(namespace);
  }

  /** The newest accepted state, committed or not: what a writer has to go by. */
  latest(resource: string, namespace: string | undefined, name: string): Entry | undefined {
    const key = keyOf(namespace, name);
    const accepted = this.#accepted.get(resource);
    return accepted?.has(key) ? accepted.get(key) : this.collection(resource).get(key);
  }

  /** The newest accepted objects; unsorted where some are not yet committed. */
  listLatest(resource: string, namespace?: string): readonly Entry[] {
    const accepted = this.#accepted.get(resource);
    const committed = this.collection(resource).list(namespace);
    if (!accepted || accepted.size === 0) return committed;
    const fresh = [...accepted]
      .filter(([key, entry]) => entry && (!namespace || key.startsWith(`${namespace}/`)))
      .map(([, entry]) => entry as Entry);
    return [...committed.filter((entry) => !accepted.has(entry.key)), ...fresh];
  }

  /**
   * Accepts a new or changed object. Reading {@link latest}, deciding and calling this must happen without an await
   * in between: that is the compare and swap.
   * @returns the committed entry, once it is on disk.
   */
  put(resource: string, object: KubeObject): Promise<Entry> {
    const previous = this.latest(resource, object.metadata.namespace, object.metadata.name);
    const entry = entryOf(object, ++this.#lastAccepted, this.#type(resource));
    return this.#accept(resource, {
      type: previous ? 'MODIFIED' : 'ADDED',
      revision: entry.revision,
      entry,
      previous,
    });
  }

  /**
   * Accepts a deletion; `last` is the final state to show to watchers.
   * @returns the final state with the deletion's revision.
   */
  remove(resource: string, last: KubeObject): Promise<Entry> {
    const previous = this.latest(resource, last.metadata.namespace, last.metadata.name);
    const entry = entryOf(last, ++this.#lastAccepted, this.#type(resource));
    return this.#accept(resource, { type: 'DELETED', revision: entry.revision, entry, previous });
  }

  /** Waits until an accepted entry is on disk: a writer that had nothing to change may answer only then. */
  settled(resource: string, entry: Entry): Promise<Entry> {
    const waiting = [...this.#inFlight, ...this.#queue].find((pending) => pending.event.entry === entry);
    if (!waiting || this.collection(resource).get(entry.key) === entry) return Promise.resolve(entry);
    return waiting.done;
  }

  /** Calls back with each committed change of a resource from now on, in order. @returns a function that ends it. */
  listen(resource: string, listener: Listener): () => void {
    return this.reader(resource).listen(listener);
  }

  /** Forgets the past up to a revision, as etcd's compaction does. */
  compact(revision = this.#committed): void {
    for (const collection of this.#collections.values()) collection.log.compact(revision);
  }

  /** What lists and watches read: the resource's own objects, or its view of another's. */
  reader(resource: string): CollectionReader {
    return this.#views.get(resource) ?? this.collection(resource);
  }

  collection(resource: string): Collection {
    const collection = this.#collections.get(resource);
    if (!collection) throw new Error(`the store has no resource ${resource}`);
    return collection;
  }

  /** Number of objects and watchers by resource, for /metrics. */
  sizes(): readonly { resource: string; objects: number; watchers: number }[] {
    return [...this.#collections].map(([resource, { size, watchers }]) => ({
      resource,
      objects: size,
      watchers,
    }));
  }

  /** Waits for accepted writes, then closes the engine. Further writes are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#committing)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    await this.#engine.close();
  }

  #type(resource: string): EntryType {
    const type = this.#types.get(resource);
    if (!type) throw new Error(`the store has no resource ${resource}`);
    return type;
  }

  #accept(resource: string, event: StoreEvent): Promise<Entry> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    const accepted = this.#accepted.get(resource) ?? new Map<string, Entry | undefined>();
    accepted.set(event.entry.key, event.type === 'DELETED' ? undefined : event.entry);
    this.#accepted.set(resource, accepted);
    let resolve!: (entry: Entry) => void;
    let reject!: (error: unknown) => void;
    const done = new Promise<Entry>((whenDone, whenLost) => {
      resolve = whenDone;
      reject = whenLost;
    });
    this.#queue.push({ resource, event, done, resolve, reject });
    if (!this.#committing) {
      this.#committing = true;
      // After the requests that are already readable on other sockets, so that they share the transaction.
      setImmediate(() => void this.#commitAll());
    }
    return done;
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.length > 0) {
      this.#inFlight = this.#queue;
      this.#queue = [];
      try {
        await this.#engine.commit(this.#inFlight.map(toDisk));
      } catch (error) {
        this.#giveUp(error);
        continue;
      }
      for (const pending of this.#inFlight) this.#publish(pending);
    }
    this.#committing = false;
    this.#idle?.();
  }

  #publish({ resource, event, resolve }: Pending): void {
    const accepted = this.#accepted.get(resource);
    const { key } = event.entry;
    const newest = accepted?.get(key);
    // A later write of the same object may already be accepted; it stays what writers see.
    const mine =
      event.type === 'DELETED'
        ? newest === undefined && !this.#queuedLater(resource, event)
        : newest === event.entry;
    if (mine) accepted?.delete(key);
    this.#committed = event.revision;
    this.collection(resource).apply(event);
    resolve(event.entry);
  }

  /** Whether a later accepted write of the same object exists (only asked for deletions, which are rare). */
  #queuedLater(resource: string, { entry, revision }: StoreEvent): boolean {
    const later = (pending: Pending): boolean =>
      pending.resource === resource &&
      pending.event.entry.key === entry.key &&
      pending.event.revision > revision;
    return this.#inFlight.some(later) || this.#queue.some(later);
  }

  /** The disk refused: whatever was built on the lost writes is refused as well, and writers see the disk's state. */
  #giveUp(error: unknown): void {
    const lost = [...this.#inFlight, ...this.#queue];
    this.#queue = [];
    this.#accepted.clear();
    for (const pending of lost) pending.reject(error);
  }
}

function toDisk({ resource, event }: Pending): DiskWrite {
  const { entry, type, revision } = event;
  return { resource, key: entry.key, revision, body: type === 'DELETED' ? undefined : entry.body };
}
