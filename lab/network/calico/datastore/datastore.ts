/**
 * Calico's datastore as its programs see it: objects of a few kinds, each with a revision, changed only by
 * compare-and-swap. {@link ApiDatastore} keeps them in the Kubernetes API; etcd offers the same, and so does memory.
 *
 * `Kinds` maps the name of a kind to the type of its value, e.g. `{ IPAMBlock: AllocationBlock }`.
 */
export interface Datastore<Kinds extends object> {
  /** The object as it is now, or undefined when there is none. */
  get<K extends keyof Kinds & string>(kind: K, key: string): Promise<Stored<Kinds[K]> | undefined>;
  /** @throws {ConflictError} (`exists`) when there is an object of that key. */
  create<K extends keyof Kinds & string>(kind: K, key: string, value: Kinds[K]): Promise<Stored<Kinds[K]>>;
  /** @throws {ConflictError} (`changed` or `gone`) unless the object still has `revision`. */
  update<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
    revision: string,
  ): Promise<Stored<Kinds[K]>>;
  /** @throws {ConflictError} (`changed` or `gone`) unless the object still has `revision`. */
  delete<K extends keyof Kinds & string>(kind: K, key: string, revision: string): Promise<void>;
  /** Every object of a kind in the order of their keys. Not a snapshot: each is as it was when it was read. */
  list<K extends keyof Kinds & string>(kind: K): Promise<Listed<Kinds[K]>[]>;
}

export interface Stored<V> {
  readonly value: V;
  /** Opaque; equal only for the very same write of the very same object. */
  readonly revision: string;
}

export interface Listed<V> extends Stored<V> {
  readonly key: string;
}
