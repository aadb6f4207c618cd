import type { ApiObject } from '../objects/index.ts';

/** Key of an object among those of its kind: `namespace/name`, or the name alone. */
export function keyOf(object: ApiObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : `${name}`;
}

/** `namespace/name` taken apart. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  if (slash === -1) return { namespace: undefined, name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** Values under which an object is found, e.g. its node's name. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** What can be asked of the objects an informer knows. Objects are shared: never change one. */
export interface Lister<T> {
  get(name: string, namespace?: string): T | undefined;
  list(namespace?: string): T[];
  byIndex(index: string, value: string): T[];
}

const NAMESPACE_INDEX = '\u0000namespace';

/** Objects by key, with indexes that follow every change. */
export class ObjectStore<T extends ApiObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #functions = new Map<string, IndexFunction<T>>();
  readonly #indexes = new Map<string, Map<string, Map<string, T>>>();

  constructor() {
    this.addIndex(NAMESPACE_INDEX, (object) =>
      object.metadata.namespace ? [object.metadata.namespace] : [],
    );
  }

  /** Adds an index, over what is there too. */
  addIndex(name: string, values: IndexFunction<T>): void {
    if (this.#functions.has(name)) return;
    this.#functions.set(name, values);
    this.#indexes.set(name, new Map());
    for (const [key, object] of this.#objects) this.#index(name, key, object);
  }

  getByKey(key: string): T | undefined {
    return this.#objects.get(key);
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#objects.get(namespace ? `${namespace}/${name}` : name);
  }

  list(namespace?: string): T[] {
    return namespace === undefined ? [...this.#objects.values()] : this.byIndex(NAMESPACE_INDEX, namespace);
  }

  byIndex(index: string, value: string): T[] {
    const values = this.#indexes.get(index);
    if (!values) throw new Error(`no index ${JSON.stringify(index)}`);
    return [...(values.get(value)?.values() ?? [])];
  }

  set(object: T): void {
    const key = keyOf(object);
    this.#unindex(key);
    this.#objects.set(key, object);
    for (const name of this.#functions.keys()) this.#index(name, key, object);
  }

  delete(key: string): void {
    this.#unindex(key);
    this.#objects.delete(key);
  }

  #index(name: string, key: string, object: T): void {
    const index = this.#indexes.get(name);
    for (const value of this.#functions.get(name)?.(object) ?? []) {
      const entries = index?.get(value);
      if (entries) entries.set(key, object);
      else index?.set(value, new Map([[key, object]]));
    }
  }

  #unindex(key: string): void {
    const old = this.#objects.get(key);
    if (!old) return;
    for (const [name, values] of this.#functions) {
      const index = this.#indexes.get(name);
      for (const value of values(old)) {
        const entries = index?.get(value);
        entries?.delete(key);
        if (entries?.size === 0) index?.delete(value);
      }
    }
  }
}
