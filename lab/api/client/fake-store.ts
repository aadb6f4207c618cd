import { canonicalJson } from '../hash.ts';
import type { ApiObject, Status } from '../objects/index.ts';
import { ApiError } from './api-error.ts';
import type { DeleteOptions, ListOptions } from './client.ts';
import { type Clock, timestamp } from './clock.ts';
import { EventLog } from './fake-log.ts';
import {
  body,
  copy,
  gracePeriod,
  isFinished,
  refusal,
  type Stored,
  selection,
  typed,
  WITHOUT_GENERATION,
} from './fake-rules.ts';
import { keyOf } from './object-store.ts';
import { type ResourceRef, resourceKey } from './resources.ts';

/** A write, as `FakeApi.onWrite` tells it. */
export interface FakeWrite {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly object: ApiObject;
}

/** The objects of {@link FakeApi}, and what a write does to them: versions, generations, graceful deletion, finalizers. */
export class FakeStore {
  readonly log = new EventLog();
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #clock: Clock;
  readonly #onWrite: (write: FakeWrite) => void;
  #uid = 0;

  constructor(clock: Clock, onWrite: (write: FakeWrite) => void) {
    this.#clock = clock;
    this.#onWrite = onWrite;
  }

  select(ref: ResourceRef, options: ListOptions): Stored[] {
    return [...this.#of(ref).values()].filter(selection(options));
  }

  /** @throws ApiError 409 when it is there already, 403 in a namespace that is being deleted */
  add(ref: ResourceRef, object: Stored): Stored {
    const { metadata } = object;
    if (this.#of(ref).has(keyOf(object))) {
      throw refusal(409, 'AlreadyExists', `${resourceKey(ref)} "${metadata.name}" already exists`);
    }
    this.#refuseInTerminatingNamespace(ref, object);
    metadata.uid = `uid-${++this.#uid}`;
    metadata.creationTimestamp = timestamp(this.#clock.now());
    if (!WITHOUT_GENERATION.has(resourceKey(ref))) metadata.generation = 1;
    return this.#commit('ADDED', ref, object);
  }

  #of(ref: ResourceRef): Map<string, Stored> {
    const key = resourceKey(ref);
    const objects = this.#objects.get(key) ?? new Map<string, Stored>();
    this.#objects.set(key, objects);
    return objects;
  }

  /** @throws ApiError 404 */
  find(ref: ResourceRef, name: string, namespace?: string): Stored {
    const object = this.#of(ref).get(namespace ? `${namespace}/${name}` : name);
    if (!object) throw refusal(404, 'NotFound', `${resourceKey(ref)} "${name}" not found`);
    return object;
  }

  /** The stored object that a write replaces; 409 if the write is of an older one. */
  current(ref: ResourceRef, object: Stored): Stored {
    const { name = '', namespace, resourceVersion, uid } = object.metadata;
    const old = this.find(ref, name, namespace);
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

  replace(ref: ResourceRef, object: Stored, old: Stored): Stored {
    typed(ref, object);
    const { metadata } = object;
    const { uid, creationTimestamp, generation, deletionTimestamp } = old.metadata;
    Object.assign(metadata, { uid, creationTimestamp, resourceVersion: old.metadata.resourceVersion });
    if (deletionTimestamp) metadata.deletionTimestamp = deletionTimestamp;
    if (generation !== undefined) metadata.generation = generation;
    if (canonicalJson(object) === canonicalJson(old)) return copy(old);
    if (generation !== undefined && canonicalJson(body(object)) !== canonicalJson(body(old))) {
      metadata.generation = generation + 1;
    }
    if (deletionTimestamp && isFinished(ref, object)) return this.#remove(ref, object);
    return this.#commit('MODIFIED', ref, object, old);
  }

  delete(ref: ResourceRef, old: Stored, options: DeleteOptions): unknown {
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
    object.metadata.resourceVersion = String(this.log.version + 1);
    this.log.append({ type, resource: resourceKey(ref), object, ...(old ? { old } : {}) });
    this.#onWrite({ type, resource: resourceKey(ref), object });
    return object;
  }

  bind(ref: ResourceRef, binding: ApiObject): Status {
    const { name = '', namespace } = binding.metadata;
    const old = this.find(ref, name, namespace);
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
