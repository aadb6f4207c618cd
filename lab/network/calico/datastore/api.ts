import {
  type ApiClient,
  ApiError,
  apiVersionOf,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KnownResource,
} from '../../../api/client/index.ts';
import type { ApiObject } from '../../../api/objects/index.ts';
import type { Datastore, Listed, Stored } from './datastore.ts';
import { ConflictError, type ConflictReason, DatastoreError, UnavailableError } from './errors.ts';

/** What the datastore needs of the API. */
export type ObjectCalls = Pick<ApiClient, 'get' | 'list' | 'create' | 'update' | 'delete'>;

/** How a kind's values are kept as objects of the API. All of them are of the cluster, of no namespace. */
export interface ObjectMapping<V> {
  readonly resource: KnownResource;
  /** Name of the object of a key. */
  name(key: string): string;
  /** The key of a value; a name may have lost capital letters. */
  key(value: V): string;
  toSpec(value: V): object;
  fromSpec(spec: object): V;
}

export type ObjectMappings<Kinds extends object> = {
  readonly [K in keyof Kinds]: ObjectMapping<Kinds[K]>;
};

interface CustomObject extends ApiObject {
  readonly spec: object;
}

/**
 * A {@link Datastore} in the Kubernetes API (libcalico-go lib/backend/k8s). The revision is the resourceVersion: the server
 * compares it in an update, and as a precondition of a deletion, and one that was used does not come back.
 *
 * libcalico-go is older than that precondition: it first marks an object as `deleted` and then removes it. Where a
 * Calico of that kind has died in between, the object is taken for removed, and removed.
 */
export class ApiDatastore<Kinds extends object> implements Datastore<Kinds> {
  readonly #client: ObjectCalls;
  readonly #mappings: ObjectMappings<Kinds>;

  constructor(client: ObjectCalls, mappings: ObjectMappings<Kinds>) {
    this.#client = client;
    this.#mappings = mappings;
  }

  async get<K extends keyof Kinds & string>(kind: K, key: string): Promise<Stored<Kinds[K]> | undefined> {
    const { resource, name } = this.#mappings[kind];
    let object: CustomObject;
    try {
      object = await this.#client.get<CustomObject>(resource, name(key));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw failure('read', kind, key, error);
    }
    if (!isMarkedDeleted(object)) return this.#stored(kind, object);
    await this.delete(kind, key, revisionOf(object));
    return undefined;
  }

  async create<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
  ): Promise<Stored<Kinds[K]>> {
    const { resource } = this.#mappings[kind];
    try {
      const made = await this.#client.create<CustomObject>(resource, this.#object(kind, key, value));
      return this.#stored(kind, made);
    } catch (error) {
      throw failure('create', kind, key, error);
    }
  }

  async update<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
    revision: string,
  ): Promise<Stored<Kinds[K]>> {
    const { resource } = this.#mappings[kind];
    try {
      const object = this.#object(kind, key, value, revision);
      return this.#stored(kind, await this.#client.update<CustomObject>(resource, object));
    } catch (error) {
      throw failure('update', kind, key, error);
    }
  }

  async delete<K extends keyof Kinds & string>(kind: K, key: string, revision: string): Promise<void> {
    const { resource, name } = this.#mappings[kind];
    try {
      await this.#client.delete(resource, name(key), undefined, { resourceVersion: revision });
    } catch (error) {
      throw failure('delete', kind, key, error);
    }
  }

  async list<K extends keyof Kinds & string>(kind: K): Promise<Listed<Kinds[K]>[]> {
    const mapping = this.#mappings[kind];
    try {
      const { items } = await this.#client.list<CustomObject>(mapping.resource);
      return items
        .filter((object) => !isMarkedDeleted(object))
        .map((object) => this.#stored(kind, object))
        .map((stored) => ({ key: mapping.key(stored.value), ...stored }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
    } catch (error) {
      throw failure('list', kind, '', error);
    }
  }

  #object<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
    revision?: string,
  ): CustomObject {
    const { resource, name, toSpec } = this.#mappings[kind];
    return {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: { name: name(key), ...(revision === undefined ? {} : { resourceVersion: revision }) },
      spec: toSpec(value),
    };
  }

  #stored<K extends keyof Kinds & string>(kind: K, object: CustomObject): Stored<Kinds[K]> {
    return { value: this.#mappings[kind].fromSpec(object.spec), revision: revisionOf(object) };
  }
}

const revisionOf = (object: ApiObject): string => object.metadata.resourceVersion ?? '';

/** True for the mark of libcalico-go; in a BlockAffinity it is a text. */
function isMarkedDeleted({ spec }: CustomObject): boolean {
  return ['true', true].includes((spec as { deleted?: string | boolean }).deleted ?? false);
}

function failure(verb: string, kind: string, key: string, error: unknown): Error {
  const reason = conflictReason(error);
  if (reason) return new ConflictError(reason, kind, key);
  const what = `cannot ${verb} ${kind}${key === '' ? '' : ` "${key}"`}: ${(error as Error).message}`;
  // 429 and 5xx are answers of a server that is overloaded, or on its way up or down.
  const refused = error instanceof ApiError && error.code !== 429 && error.code < 500;
  return refused ? new DatastoreError(what, error) : new UnavailableError(what, error);
}

function conflictReason(error: unknown): ConflictReason | undefined {
  if (isAlreadyExists(error)) return 'exists';
  if (isConflict(error)) return 'changed';
  return isNotFound(error) ? 'gone' : undefined;
}
