import { canonicalJson } from '../hash.ts';
import { mergePatch } from '../merge-patch.ts';
import { generateName } from '../names.ts';
import type { ApiObject, Status } from '../objects/index.ts';
import { ApiError } from './api-error.ts';
import type {
  ApiClient,
  DeleteOptions,
  ListOptions,
  PatchOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { type Clock, systemClock, timestamp } from './clock.ts';
import { EventLog } from './fake-log.ts';
import {
  body,
  copy,
  gracePeriod,
  isFinished,
  refusal,
  restoreStatus,
  type Stored,
  selection,
  typed,
  WITH_STATUS,
  WITHOUT_GENERATION,
} from './fake-rules.ts';
import { keyOf } from './object-store.ts';
import { type ResourceRef, resourceKey } from './resources.ts';

/** A write, as {@link FakeApi.onWrite} tells it. */
export interface FakeWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly object: ApiObject;
}

/**
 * The API in memory, for unit tests: resource versions and conflicts, watches, generations, graceful deletion of pods, finalizers,
 * namespaces that terminate. It defaults and validates nothing, and takes a strategic merge patch for a JSON merge patch.
 */
export class FakeApi implements ApiClient {
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #log = new EventLog();
  readonly #clock: Clock;
  #uid = 0;
  #listeners: ((write: FakeWrite) => void)[] = [];
  #failures: { readonly verb: string; readonly resource: string; readonly error: () => Error }[] = [];

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
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
    this.#log.compact();
  }

  /** Ends all watches, as a server that restarts. */
  dropWatches(): void {
    this.#log.drop();
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
    return copy(this.#find(ref, name, namespace)) as T;
  }

  async list<T>(ref: ResourceRef, options: ListOptions = {}) {
    await this.#arrive('list', ref);
    const items = [...this.#of(ref).values()].filter(selection(options)).map((item) => copy(item) as T);
    return { items, resourceVersion: String(this.#log.version) };
  }

  async create<T>(ref: ResourceRef, input: T & ApiObject, { subresource }: WriteOptions = {}): Promise<T> {
    await this.#arrive('create', ref);
    if (subresource === 'binding') return this.#bind(ref, input) as T;
    if (subresource === 'eviction') {
      this.#delete(ref, this.#find(ref, input.metadata.name ?? '', input.metadata.namespace), {});
      return { kind: 'Status', status: 'Success' } as T;
    }
    const object = typed(ref, copy(input) as Stored);
    const metadata = object.metadata;
    metadata.name ??= generateName(metadata.generateName ?? '');
    const key = keyOf(object);
    if (this.#of(ref).has(key)) {
      throw refusal(409, 'AlreadyExists', `${resourceKey(ref)} "${metadata.name}" already exists`);
    }
    this.#refuseInTerminatingNamespace(ref, object);
    metadata.uid = `uid-${++this.#uid}`;
    metadata.creationTimestamp = timestamp(this.#clock.now());
    if (!WITHOUT_GENERATION.has(resourceKey(ref))) metadata.generation = 1;
    if (WITH_STATUS.has(resourceKey(ref))) object.status = ref.plural === 'pods' ? { phase: 'Pending' } : {};
    if (ref.plural === 'namespaces') {
      object.spec = { finalizers: ['kubernetes'] };
      object.status = { phase: 'Active' };
    }
    return this.#commit('ADDED', ref, object) as T;
  }

  async update<T>(ref: ResourceRef, input: T & ApiObject, { subresource }: WriteOptions = {}): Promise<T> {
    await this.#arrive('update', ref);
    const object = copy(input) as Stored;
    const old = this.#current(ref, object);
    if (subresource !== 'finalize' && WITH_STATUS.has(resourceKey(ref))) restoreStatus(object, old);
    if (ref.plural === 'namespaces' && subresource !== 'finalize') object.spec = old.spec ?? {};
    return this.#replace(ref, object, old) as T;
  }

  async updateStatus<T>(ref: ResourceRef, input: T & ApiObject): Promise<T> {
    await this.#arrive('updateStatus', ref);
    const object = copy(input) as Stored;
    const old = this.#current(ref, object);
    const { spec: _spec, ...rest } = object;
    return this.#replace(ref, { ...rest, ...(old.spec ? { spec: old.spec } : {}) } as Stored, old) as T;
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
    const old = this.#find(ref, name, namespace);
    const merged = mergePatch(copy(old), patch) as Stored;
    const object = this.#current(ref, merged) && merged;
    if (subresource === 'status') {
      return this.#replace(ref, { ...object, ...(old.spec ? { spec: old.spec } : {}) }, old) as T;
    }
    if (WITH_STATUS.has(resourceKey(ref))) restoreStatus(object, old);
    return this.#replace(ref, object, old) as T;
  }

  async delete(
    ref: ResourceRef,
    name: string,
    namespace?: string,
    options: DeleteOptions = {},
  ): Promise<unknown> {
    await this.#arrive('delete', ref);
    const object = this.#find(ref, name, namespace);
    const { uid, resourceVersion } = object.metadata;
    const preconditionHolds =
      (options.uid === undefined || options.uid === uid) &&
      (options.resourceVersion === undefined || options.resourceVersion === resourceVersion);
    if (!preconditionHolds)
      throw refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${options.uid}`);
    return this.#delete(ref, object, options);
  }

  async deleteCollection(ref: ResourceRef, namespace?: string, options: DeleteOptions & ListOptions = {}) {
    await this.#arrive('deleteCollection', ref);
    const selected = [...this.#of(ref).values()].filter(selection({ ...options, namespace }));
    for (const object of selected) this.#delete(ref, object, options);
  }

  async *watch<T>(ref: ResourceRef, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    await this.#arrive('watch', ref);
    const chosen = selection(options);
    for await (const entry of this.#log.follow(resourceKey(ref), options.resourceVersion, options.signal)) {
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

  #of(ref: ResourceRef): Map<string, Stored> {
    const key = resourceKey(ref);
    const objects = this.#objects.get(key) ?? new Map<string, Stored>();
    this.#objects.set(key, objects);
    return objects;
  }

  #find(ref: ResourceRef, name: string, namespace?: string): Stored {
    const object = this.#of(ref).get(namespace ? `${namespace}/${name}` : name);
    if (!object) throw refusal(404, 'NotFound', `${resourceKey(ref)} "${name}" not found`);
    return object;
  }

  /** The stored object that a write replaces; 409 if the write is of an older one. */
  #current(ref: ResourceRef, object: Stored): Stored {
    const { name = '', namespace, resourceVersion, uid } = object.metadata;
    const old = this.#find(ref, name, namespace);
    const stale = resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion;
    if (stale || (uid !== undefined && uid !== old.metadata.uid)) {
      const what = `Operation cannot be fulfilled on ${resourceKey(ref)} "${name}"`;
      throw refusal(
        409,
        'Conflict',
        `${what}: the object has been modified; please apply your changes to the latest version and try again`,
      );
    }
    return old;
  }

  #replace(ref: ResourceRef, object: Stored, old: Stored): Stored {
    typed(ref, object);
    const { metadata } = object;
    const { uid, creationTimestamp, generation, deletionTimestamp } = old.metadata;
    Object.assign(metadata, { uid, creationTimestamp, resourceVersion: old.metadata.resourceVersion });
    if (deletionTimestamp) metadata.deletionTimestamp = deletionTimestamp;
    if (generation !== undefined) {
      metadata.generation = generation + (canonicalJson(body(object)) === canonicalJson(body(old)) ? 0 : 1);
    }
    if (canonicalJson(object) === canonicalJson(old)) return copy(old);
    if (deletionTimestamp && isFinished(ref, object)) return this.#remove(ref, object);
    return this.#commit('MODIFIED', ref, object, old);
  }

  #delete(ref: ResourceRef, old: Stored, options: DeleteOptions): unknown {
    const object = copy(old);
    const { metadata } = object;
    const finalizers = new Set(metadata.finalizers ?? []);
    if (options.propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion');
    if (options.propagationPolicy === 'Orphan') finalizers.add('orphan');
    if (finalizers.size > 0) metadata.finalizers = [...finalizers];
    const grace = gracePeriod(ref, object, options);
    if (ref.plural === 'namespaces') object.status = { ...(object.status as object), phase: 'Terminating' };
    const stays =
      finalizers.size > 0 || grace > 0 || (ref.plural === 'namespaces' && !isFinished(ref, object));
    if (!stays) {
      this.#remove(ref, object);
      const { name = '', uid = '' } = metadata;
      return { kind: 'Status', status: 'Success', details: { name, uid, kind: ref.plural } } satisfies Status;
    }
    metadata.deletionTimestamp ??= timestamp(this.#clock.now() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined && !old.metadata.deletionTimestamp) metadata.generation++;
    if (canonicalJson(object) === canonicalJson(old)) return copy(old);
    return this.#commit('MODIFIED', ref, object, old);
  }

  #remove(ref: ResourceRef, object: Stored): Stored {
    const old = this.#of(ref).get(keyOf(object));
    this.#of(ref).delete(keyOf(object));
    return this.#emit('DELETED', ref, object, old);
  }

  #commit(type: 'ADDED' | 'MODIFIED', ref: ResourceRef, object: Stored, old?: Stored): Stored {
    const stored = this.#emit(type, ref, object, old);
    this.#of(ref).set(keyOf(object), stored);
    return copy(stored);
  }

  #emit(type: FakeWrite['type'], ref: ResourceRef, object: Stored, old?: Stored): Stored {
    object.metadata.resourceVersion = String(this.#log.version + 1);
    this.#log.append({ type, resource: resourceKey(ref), object, ...(old ? { old } : {}) });
    for (const listener of this.#listeners)
      listener({ type, resource: resourceKey(ref), object: copy(object) });
    return object;
  }

  #bind(ref: ResourceRef, binding: ApiObject): Status {
    const { name = '', namespace } = binding.metadata;
    const old = this.#find(ref, name, namespace);
    const target = (binding as ApiObject & { target?: { name?: string } }).target?.name;
    if (old.spec?.nodeName)
      throw refusal(409, 'Conflict', `pod ${name} is already assigned to node "${old.spec.nodeName}"`);
    const pod = copy(old);
    pod.spec = { ...pod.spec, nodeName: target };
    const now = timestamp(this.#clock.now());
    const status = (pod.status ?? {}) as { conditions?: { type: string }[] };
    const others = (status.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
    pod.status = { ...status, conditions: [...others, scheduled] };
    this.#commit('MODIFIED', ref, pod, old);
    return { kind: 'Status', status: 'Success', code: 201 };
  }

  #refuseInTerminatingNamespace(ref: ResourceRef, { metadata }: Stored): void {
    const space = this.#objects.get('namespaces')?.get(metadata.namespace ?? '');
    if (!space?.metadata.deletionTimestamp || ref.plural === 'events') return;
    const what = `${resourceKey(ref)} "${metadata.name}" is forbidden: unable to create new content in namespace`;
    const status = refusal(
      403,
      'Forbidden',
      `${what} ${metadata.namespace} because it is being terminated`,
    ).status;
    throw new ApiError({ ...status, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  }
}
