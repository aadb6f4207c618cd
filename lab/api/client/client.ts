import type { ApiObject } from '../objects/index.ts';
import type { ResourceRef } from './resources.ts';

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListResult<T> {
  readonly items: T[];
  readonly resourceVersion: string;
}

export interface WriteOptions {
  /** e.g. `binding` (create), `finalize` (update), `eviction` (create). */
  readonly subresource?: string | undefined;
}

export interface PatchOptions extends WriteOptions {
  /** `merge` (RFC 7386) unless told. */
  readonly type?: 'merge' | 'strategic' | 'json' | undefined;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Precondition: 409 if another object has taken the name. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface WatchOptions extends ListOptions {
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * What the in-node programs need of the API, over HTTPS or in memory ({@link FakeApi}). Every call throws
 * {@link ApiError} for a refusal and an ordinary Error when the server cannot be reached.
 */
export interface ApiClient {
  get<T>(ref: ResourceRef, name: string, namespace?: string): Promise<T>;
  list<T>(ref: ResourceRef, options?: ListOptions): Promise<ListResult<T>>;
  /** The namespace is the object's; a subresource (binding, eviction) takes the name of the object. */
  create<T>(ref: ResourceRef, object: T & ApiObject, options?: WriteOptions): Promise<T>;
  /** With the object's resourceVersion, if it has one: 409 when somebody else was faster. */
  update<T>(ref: ResourceRef, object: T & ApiObject, options?: WriteOptions): Promise<T>;
  updateStatus<T>(ref: ResourceRef, object: T & ApiObject): Promise<T>;
  patch<T>(
    ref: ResourceRef,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<T>;
  /** @returns what the server answered: the object, when it lives on until finalizers or a grace period are over; else a Status */
  delete(ref: ResourceRef, name: string, namespace?: string, options?: DeleteOptions): Promise<unknown>;
  deleteCollection(
    ref: ResourceRef,
    namespace: string | undefined,
    options?: DeleteOptions & ListOptions,
  ): Promise<void>;
  /** Ends when the server ends it or the signal aborts; throws ApiError 410 when the version is too old. */
  watch<T>(ref: ResourceRef, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}
