import type { Datastore, Listed, Stored } from './datastore.ts';
import { ConflictError } from './errors.ts';

/** A {@link Datastore} in memory, for tests: same conflicts as the others, values copied in and out. */
export class MemoryDatastore<Kinds extends object> implements Datastore<Kinds> {
  readonly #objects = new Map<string, Map<string, { json: string; revision: string }>>();
  #writes = 0;

  async get<K extends keyof Kinds & string>(kind: K, key: string): Promise<Stored<Kinds[K]> | undefined> {
    const found = this.#kind(kind).get(key);
    return found && { value: JSON.parse(found.json), revision: found.revision };
  }

  async create<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
  ): Promise<Stored<Kinds[K]>> {
    if (this.#kind(kind).has(key)) throw new ConflictError('exists', kind, key);
    return this.#put(kind, key, value);
  }

  async update<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
    revision: string,
  ): Promise<Stored<Kinds[K]>> {
    this.#expect(kind, key, revision);
    return this.#put(kind, key, value);
  }

  async delete<K extends keyof Kinds & string>(kind: K, key: string, revision: string): Promise<void> {
    this.#expect(kind, key, revision);
    this.#kind(kind).delete(key);
  }

  async list<K extends keyof Kinds & string>(kind: K): Promise<Listed<Kinds[K]>[]> {
    return [...this.#kind(kind)]
      .map(([key, { json, revision }]) => ({ key, value: JSON.parse(json), revision }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #put<V>(kind: string, key: string, value: V): Stored<V> {
    const revision = String(++this.#writes);
    this.#kind(kind).set(key, { json: JSON.stringify(value), revision });
    return { value, revision };
  }

  #expect(kind: string, key: string, revision: string): void {
    const found = this.#kind(kind).get(key);
    if (!found) throw new ConflictError('gone', kind, key);
    if (found.revision !== revision) throw new ConflictError('changed', kind, key);
  }

  #kind(kind: string): Map<string, { json: string; revision: string }> {
    let objects = this.#objects.get(kind);
    if (!objects) {
      objects = new Map();
      this.#objects.set(kind, objects);
    }
    return objects;
  }
}
