import { mergePatch } from '../merge-patch.ts';
import { generateName } from '../names.ts';
import type { ApiObject } from '../objects/index.ts';
import type {
  ApiClient,
  DeleteOptions,
  ListOptions,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { copy, refusal, restoreStatus, type Stored, selection, typed, WITH_STATUS } from './fake-rules.ts';
import { FakeStore, type FakeWrite } from './fake-store.ts';
import { type ResourceRef, resourceKey } from './resources.ts';

export type { FakeWrite };

/**
 * The API in memory, for unit tests: resource versions and conflicts, watches, generations, graceful deletion of pods, finalizers,
 * namespaces that terminate. It defaults and validates nothing, and takes a strategic merge patch for a JSON merge patch.
 */
export class FakeApi implements ApiClient {
  readonly #store: FakeStore;
  #listeners: ((write: FakeWrite) => void)[] = [];
  #failures: { readonly verb: string; readonly resource: string; readonly error: () => Error }[] = [];

  constructor(clock: Clock = systemClock) {
    this.#store = new FakeStore(clock, (write) => {
      for (const listener of this.#listeners) listener({ ...write, object: copy(write.object) });
    });
  }

  /** Called for every write, in order. */
  onWrite(listener: (write: FakeWrite) => void): void {
    this.#listeners.push(listener);
  }

  /** The next such call fails: `failNext('create', PODS, new ApiError({code: 403}))`. */
  failNext(verb: string, ref: ResourceRef, error: Error): void {
    this.#failures.push({ verb, resource: resourceKey(ref), error: () => error });
  }

  /** Forgets the past: a watch from before gets 410. */
  compact(): void {
    this.#store.log.compact();
  }

  /** Ends all watches, as a server that restarts. */
  dropWatches(): void {
    this.#store.log.drop();
  }

  /** Puts objects in place, for the start of a test; the resource is found by kind. */
  async load(ref: ResourceRef, ...objects: ApiObject[]): Promise<void> {
    for (const object of objects) {
      const created = await this.create<Stored>(ref, object as Stored);
      const { status } = object as Stored;
      if (status !== undefined) await this.updateStatus<Stored>(ref, { ...created, status });
    }
  }

  async get<T>(ref: ResourceRef, name: string, namespace?: string): Promise<T> {
    await this.#arrive('get', ref);
    return copy(this.#store.find(ref, name, namespace)) as T;
  }

  async list<T>(ref: ResourceRef, options: ListOptions = {}) {
    await this.#arrive('list', ref);
    const items = this.#store.select(ref, options).map((item) => copy(item) as T);
    return { items, resourceVersion: String(this.#store.log.version) };
  }

  async create<T>(ref: ResourceRef, input: T & ApiObject, { subresource }: WriteOptions = {}): Promise<T> {
    await this.#arrive('create', ref);
    if (subresource === 'binding') return this.#store.bind(ref, input) as T;
    if (subresource === 'eviction') {
      this.#store.delete(ref, this.#store.find(ref, input.metadata.name ?? '', input.metadata.namespace), {});
      return { kind: 'Status', status: 'Success' } as T;
    }
    const object = typed(ref, copy(input) as Stored);
    object.metadata.name ??= generateName(object.metadata.generateName ?? '');
    if (WITH_STATUS.has(resourceKey(ref))) object.status = ref.plural === 'pods' ? { phase: 'Pending' } : {};
    if (ref.plural === 'namespaces') {
      object.spec = { finalizers: ['kubernetes'] };
      object.status = { phase: 'Active' };
    }
    return this.#store.add(ref, object) as T;
  }

  async update<T>(ref: ResourceRef, input: T & ApiObject, { subresource }: WriteOptions = {}): Promise<T> {
    await this.#arrive('update', ref);
    const object = copy(input) as Stored;
    const old = this.#store.current(ref, object);
    if (subresource !== 'finalize' && WITH_STATUS.has(resourceKey(ref))) restoreStatus(object, old);
    if (ref.plural === 'namespaces' && subresource !== 'finalize') object.spec = old.spec ?? {};
    return this.#store.replace(ref, object, old) as T;
  }

  async updateStatus<T>(ref: ResourceRef, input: T & ApiObject): Promise<T> {
    await this.#arrive('updateStatus', ref);
    const object = copy(input) as Stored;
    const old = this.#store.current(ref, object);
    const { spec: _spec, ...rest } = object;
    return this.#store.replace(ref, { ...rest, ...(old.spec ? { spec: old.spec } : {}) } as Stored, old) as T;
  }

  async patch<T>(
    ref: ResourceRef,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    { subresource, type }: PatchOptions = {},
  ): Promise<T> {
    await this.#arrive('patch', ref);
    if (type === 'json') throw new Error('FakeApi does not know JSON patches');
    const old = this.#store.find(ref, name, namespace);
    const merged = mergePatch(copy(old), patch) as Stored;
    const object = this.#store.current(ref, merged) && merged;
    if (subresource === 'status') {
      return this.#store.replace(ref, { ...object, ...(old.spec ? { spec: old.spec } : {}) }, old) as T;
    }
    if (WITH_STATUS.has(resourceKey(ref))) restoreStatus(object, old);
    return this.#store.replace(ref, object, old) as T;
  }

  async delete(
    ref: ResourceRef,
    name: string,
    namespace?: string,
    options: DeleteOptions = {},
  ): Promise<unknown> {
    await this.#arrive('delete', ref);
    const object = this.#store.find(ref, name, namespace);
    const { uid, resourceVersion } = object.metadata;
    const preconditionHolds =
      (options.uid === undefined || options.uid === uid) &&
      (options.resourceVersion === undefined || options.resourceVersion === resourceVersion);
    if (!preconditionHolds)
      throw refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${options.uid}`);
    return this.#store.delete(ref, object, options);
  }

  async deleteCollection(ref: ResourceRef, namespace?: string, options: DeleteOptions & ListOptions = {}) {
    await this.#arrive('deleteCollection', ref);
    for (const object of this.#store.select(ref, { ...options, namespace }))
      this.#store.delete(ref, object, options);
  }

  async *watch<T>(ref: ResourceRef, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    await this.#arrive('watch', ref);
    const chosen = selection(options);
    for await (const entry of this.#store.log.follow(
      resourceKey(ref),
      options.resourceVersion,
      options.signal,
    )) {
      const now = chosen(entry.object);
      const before = entry.old !== undefined && chosen(entry.old);
      // Leaving or entering a selection looks like a deletion or an addition.
      if (now && entry.type === 'MODIFIED' && !before)
        yield { type: 'ADDED', object: copy(entry.object) as T };
      else if (now) yield { type: entry.type, object: copy(entry.object) as T };
      else if (before) yield { type: 'DELETED', object: copy(entry.object) as T };
    }
  }

  /** Every call takes a turn of the event loop, as a real one does, and may have been told to fail. */
  async #arrive(verb: string, ref: ResourceRef): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const index = this.#failures.findIndex((f) => f.verb === verb && f.resource === resourceKey(ref));
    const [failure] = index === -1 ? [] : this.#failures.splice(index, 1);
    if (failure) throw failure.error();
  }
}
