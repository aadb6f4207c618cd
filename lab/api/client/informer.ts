import type { ApiObject } from '../objects/index.ts';
import { isGone } from './api-error.ts';
import type { ApiClient, ListOptions } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { type IndexFunction, keyOf, type Lister, ObjectStore } from './object-store.ts';
import type { ResourceRef } from './resources.ts';

export interface InformerHandler<T> {
  add?(object: T): void;
  update?(object: T, old: T): void;
  delete?(object: T): void;
}

export interface InformerOptions<T> extends ListOptions {
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
  readonly clock?: Clock;
  /** Told of every failure to list or watch; the informer tries again by itself. */
  readonly onError?: (error: unknown) => void;
  /** Makes an object smaller before it is kept, e.g. drops managedFields. */
  readonly transform?: (object: T) => T;
}

/** A live copy of the objects of one kind: lists once, then follows the watch. */
export interface Informer<T extends ApiObject> extends Lister<T> {
  /** Resolves after the first list. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  getByKey(key: string): T | undefined;
  /** Objects already known are told to the handler as additions. @returns a function that takes it off */
  on(handler: InformerHandler<T>): () => void;
  addIndex(name: string, values: IndexFunction<T>): void;
  /**
   * Takes over the server's answer to one's own write, so that the writer reads it before the watch brings it. An
   * answer older than what is known, or of an object that has gone meanwhile, is ignored.
   */
  observe(object: T): void;
  /** As {@link Informer.observe}, for an object whose deletion the server has confirmed. */
  forget(uid: string): void;
  stop(): void;
}

const FIRST_BACKOFF_MS = 50;
/** Short: an API server that comes up should find its clients back within a second. */
const MAX_BACKOFF_MS = 1_000;
/** Uids of deleted objects that are remembered against answers that come late. */
const REMEMBERED_DELETIONS = 4_096;

/** Starts an informer; it runs until stopped. */
export function informer<T extends ApiObject>(
  client: ApiClient,
  ref: ResourceRef,
  options: InformerOptions<T> = {},
): Informer<T> {
  return new ListWatch<T>(client, ref, options);
}

class ListWatch<T extends ApiObject> implements Informer<T> {
  readonly synced: Promise<void>;
  isSynced = false;
  readonly #store = new ObjectStore<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #byUid = new Map<string, string>();
  readonly #deleted = new Set<string>();
  readonly #abort = new AbortController();
  readonly #client: ApiClient;
  readonly #ref: ResourceRef;
  readonly #options: InformerOptions<T>;
  #resolveSynced: () => void = () => {};
  #backoff = FIRST_BACKOFF_MS;

  constructor(client: ApiClient, ref: ResourceRef, options: InformerOptions<T>) {
    this.#client = client;
    this.#ref = ref;
    this.#options = options;
    for (const [name, values] of Object.entries(options.indexes ?? {})) this.#store.addIndex(name, values);
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve;
    });
    void this.#run();
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#store.get(name, namespace);
  }

  getByKey(key: string): T | undefined {
    return this.#store.getByKey(key);
  }

  list(namespace?: string): T[] {
    return this.#store.list(namespace);
  }

  byIndex(index: string, value: string): T[] {
    return this.#store.byIndex(index, value);
  }

  addIndex(name: string, values: IndexFunction<T>): void {
    this.#store.addIndex(name, values);
  }

  on(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const object of this.#store.list()) handler.add?.(object);
    return () => this.#handlers.delete(handler);
  }

  stop(): void {
    this.#abort.abort();
  }

  observe(object: T): void {
    const { uid } = object.metadata;
    if (uid !== undefined && this.#deleted.has(uid)) return;
    this.#put(this.#options.transform ? this.#options.transform(object) : object);
  }

  forget(uid: string): void {
    const key = this.#byUid.get(uid);
    const object = key === undefined ? undefined : this.#store.getByKey(key);
    if (object) this.#remove(object);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    // Undefined: list again. After a watch that merely ended, watching goes on where it stopped.
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await this.#list();
        const opened = Date.now();
        const { namespace, labelSelector, fieldSelector } = this.#options;
        const selection = { namespace, labelSelector, fieldSelector };
        const events = this.#client.watch<T>(this.#ref, { ...selection, resourceVersion: version, signal });
        for await (const { type, object } of events) {
          if (signal.aborted) return;
          this.#backoff = FIRST_BACKOFF_MS;
          version = object.metadata.resourceVersion ?? version;
          if (type === 'BOOKMARK') continue;
          if (type === 'DELETED') this.#gone(object);
          else this.observe(object);
        }
        // A server that ends every watch at once must not be asked in a tight loop.
        if (Date.now() - opened < MAX_BACKOFF_MS) await this.#pause();
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) {
          version = undefined;
          continue;
        }
        this.#options.onError?.(error);
        await this.#pause();
      }
    }
  }

  async #list(): Promise<string> {
    const { namespace, labelSelector, fieldSelector, transform } = this.#options;
    const { items, resourceVersion } = await this.#client.list<T>(this.#ref, {
      namespace,
      labelSelector,
      fieldSelector,
    });
    const present = new Set(items.map((item) => item.metadata.uid));
    for (const known of this.#store.list()) {
      // Newer than the list: one's own write, which the list does not know yet.
      if (!present.has(known.metadata.uid) && !isNewer(known.metadata.resourceVersion, resourceVersion)) {
        this.#remove(known);
      }
    }
    for (const item of items) this.#put(transform ? transform(item) : item);
    this.#backoff = FIRST_BACKOFF_MS;
    this.isSynced = true;
    this.#resolveSynced();
    return resourceVersion;
  }

  /** Exponential, and random so that the informers of a restarted server do not come back in one wave. */
  async #pause(): Promise<void> {
    const ms = this.#backoff * (0.5 + Math.random());
    this.#backoff = Math.min(this.#backoff * 2, MAX_BACKOFF_MS);
    const clock = this.#options.clock ?? systemClock;
    const { signal } = this.#abort;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, done);
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#store.getByKey(key);
    if (old && old.metadata.uid !== object.metadata.uid) {
      if (isNewer(old.metadata.resourceVersion, object.metadata.resourceVersion)) return;
      this.#remove(old);
    } else if (old && !isNewer(object.metadata.resourceVersion, old.metadata.resourceVersion)) {
      return;
    }
    this.#store.set(object);
    if (object.metadata.uid) this.#byUid.set(object.metadata.uid, key);
    for (const handler of this.#handlers) {
      if (old && old.metadata.uid === object.metadata.uid) handler.update?.(object, old);
      else handler.add?.(object);
    }
  }

  #gone(last: T): void {
    const known = this.#store.getByKey(keyOf(last));
    if (known && known.metadata.uid === last.metadata.uid) {
      // The last state may differ from the one known; handlers see what the server said last.
      this.#remove(known, last);
    } else {
      this.#remember(last.metadata.uid);
    }
  }

  #remove(object: T, last: T = object): void {
    this.#store.delete(keyOf(object));
    this.#remember(object.metadata.uid);
    if (object.metadata.uid) this.#byUid.delete(object.metadata.uid);
    for (const handler of this.#handlers) handler.delete?.(last);
  }

  #remember(uid: string | undefined): void {
    if (uid === undefined) return;
    this.#deleted.add(uid);
    if (this.#deleted.size > REMEMBERED_DELETIONS) {
      for (const oldest of this.#deleted) {
        this.#deleted.delete(oldest);
        break;
      }
    }
  }
}

/** Resource versions are decimal numbers that grow; an unknown one counts as newer. */
function isNewer(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return a.length === b.length ? a > b : a.length > b.length;
}
