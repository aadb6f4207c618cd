import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Datastore, Listed, Stored } from './datastore.ts';
import { ConflictError, DatastoreError } from './errors.ts';
import { watchObjects } from './watch.ts';

/**
 * A {@link Datastore} on a directory that several processes in several containers share.
 *
 * ```
 * <root>/values/<uuid>                   a value as JSON; written once, never changed
 * <root>/objects/<kind>/<key>/<uuid>     an empty file: the head, it names the current value
 * ```
 *
 * The head's name *is* the revision, and rename(2) is the compare-and-swap: it takes its source away, so of
 * all writers that saw head A only one can rename it to its own B; the others get ENOENT. UUIDs do not come back, so
 * a late writer never mistakes a newer head for the one it read (ABA). Creation renames a prepared directory to
 * `<key>`, which fails unless that is absent or empty; deletion unlinks the head. Nothing is locked, so a process may
 * die between any two calls: it leaves at worst a value that no head names, or an empty directory, and both mean
 * nothing to readers.
 *
 * Not synced to disk: a power failure takes the lab's containers along, and `up` makes the state anew.
 */
export class FileDatastore<Kinds extends object> implements Datastore<Kinds> {
  readonly #root: string;

  /** @param root directory of the store; made when it is first written to. */
  constructor(root: string) {
    this.#root = root;
  }

  async get<K extends keyof Kinds & string>(kind: K, key: string): Promise<Stored<Kinds[K]> | undefined> {
    return this.#read<Kinds[K]>(kind, key);
  }

  async create<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
  ): Promise<Stored<Kinds[K]>> {
    const revision = this.#writeValue(kind, key, value);
    const prepared = join(this.#root, 'values', `${revision}.new`);
    try {
      mkdirSync(prepared);
      writeFileSync(join(prepared, revision), '', { flag: 'wx' });
      mkdirSync(join(this.#root, 'objects', kind), { recursive: true });
      renameSync(prepared, this.#objectDir(kind, key));
    } catch (error) {
      rmSync(prepared, { recursive: true, force: true });
      this.#dropValue(revision);
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw new ConflictError('exists', kind, key);
      throw failed('create', kind, key, error);
    }
    return { value, revision };
  }

  async update<K extends keyof Kinds & string>(
    kind: K,
    key: string,
    value: Kinds[K],
    revision: string,
  ): Promise<Stored<Kinds[K]>> {
    const next = this.#writeValue(kind, key, value);
    const dir = this.#objectDir(kind, key);
    try {
      renameSync(join(dir, checked(revision)), join(dir, next));
    } catch (error) {
      this.#dropValue(next);
      if (hasCode(error, 'ENOENT')) throw this.#lost(kind, key);
      throw failed('update', kind, key, error);
    }
    this.#dropValue(revision);
    return { value, revision: next };
  }

  async delete<K extends keyof Kinds & string>(kind: K, key: string, revision: string): Promise<void> {
    const dir = this.#objectDir(kind, key);
    try {
      unlinkSync(join(dir, checked(revision)));
    } catch (error) {
      if (hasCode(error, 'ENOENT')) throw this.#lost(kind, key);
      throw failed('delete', kind, key, error);
    }
    this.#dropValue(revision);
    try {
      rmdirSync(dir);
    } catch (error) {
      // Made anew by someone else, or removed by them: either way no longer ours.
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw failed('delete', kind, key, error);
    }
  }

  async list<K extends keyof Kinds & string>(kind: K): Promise<Listed<Kinds[K]>[]> {
    const listed: Listed<Kinds[K]>[] = [];
    const keys = namesIn(join(this.#root, 'objects', kind)).map(decodeURIComponent);
    for (const key of keys.sort()) {
      const stored = this.#read<Kinds[K]>(kind, key);
      if (stored) listed.push({ key, ...stored });
    }
    return listed;
  }

  /** Calls `onChange` after objects of a kind were created, updated or deleted. @returns a function that ends it */
  watch(kind: keyof Kinds & string, onChange: () => void): () => void {
    return watchObjects(join(this.#root, 'objects', kind), onChange);
  }

  #read<V>(kind: string, key: string): Stored<V> | undefined {
    // Each round that misses the value means that another writer made progress meanwhile, so this ends; the bound is
    // for a store whose values someone has removed by hand.
    for (let round = 0; round < 1000; round++) {
      const heads = namesIn(this.#objectDir(kind, key));
      if (heads.length === 0) return undefined;
      for (const revision of heads) {
        const text = readIfThere(join(this.#root, 'values', revision));
        if (text !== undefined) return { value: parse<V>(text, kind, key), revision };
      }
    }
    throw new DatastoreError(
      `${kind} "${key}" names a value that is not in ${join(this.#root, 'values')}; the store is damaged`,
    );
  }

  #writeValue(kind: string, key: string, value: unknown): string {
    const revision = randomUUID();
    const dir = join(this.#root, 'values');
    const path = join(dir, revision);
    const text = JSON.stringify(value);
    try {
      try {
        writeFileSync(path, text, { flag: 'wx' });
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error;
        mkdirSync(dir, { recursive: true });
        writeFileSync(path, text, { flag: 'wx' });
      }
    } catch (error) {
      this.#dropValue(revision);
      throw failed('write', kind, key, error);
    }
    return revision;
  }

  /** A value that cannot be removed is garbage that no head names; not worth failing what has been done. */
  #dropValue(revision: string): void {
    try {
      unlinkSync(join(this.#root, 'values', revision));
    } catch {}
  }

  #lost(kind: string, key: string): ConflictError {
    return new ConflictError(namesIn(this.#objectDir(kind, key)).length > 0 ? 'changed' : 'gone', kind, key);
  }

  #objectDir(kind: string, key: string): string {
    const name = encodeURIComponent(key);
    // `.` and `..` pass encodeURIComponent unchanged; 255 bytes is NAME_MAX.
    if (name === '' || name === '.' || name === '..' || name.length > 255) {
      throw new DatastoreError(`"${key}" cannot be the key of a ${kind}: 1 to 255 bytes once URI-encoded`);
    }
    return join(this.#root, 'objects', kind, name);
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw new DatastoreError(`cannot read ${dir}: ${text(error)}`, error);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new DatastoreError(`cannot read ${path}: ${text(error)}`, error);
  }
}

function parse<V>(json: string, kind: string, key: string): V {
  try {
    return JSON.parse(json) as V;
  } catch (error) {
    throw new DatastoreError(`the value of ${kind} "${key}" is not JSON; the store is damaged`, error);
  }
}

function checked(revision: string): string {
  if (!/^[0-9a-f-]{36}$/.test(revision))
    throw new DatastoreError(`"${revision}" is not a revision of this store`);
  return revision;
}

function failed(verb: string, kind: string, key: string, error: unknown): DatastoreError {
  return new DatastoreError(`cannot ${verb} ${kind} "${key}": ${text(error)}`, error);
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
