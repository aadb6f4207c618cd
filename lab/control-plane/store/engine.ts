import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';

/** One change on its way to disk. */
export interface DiskWrite {
  readonly resource: string;
  readonly key: string;
  readonly revision: number;
  /** Undefined deletes. */
  readonly body: Buffer | undefined;
}

/** An object as it lies on disk. */
export interface DiskObject {
  readonly resource: string;
  readonly key: string;
  readonly revision: number;
  readonly body: Buffer;
}

/** Durable storage below the in-memory state. */
export interface Engine {
  /** The last revision that was given out, and every object. */
  load(): { readonly revision: number; readonly objects: readonly DiskObject[] };
  /** Resolves once all of the batch is on disk (fsync), in one transaction. */
  commit(writes: readonly DiskWrite[]): Promise<void>;
  close(): Promise<void>;
}

const REVISION_KEY = ' revision';
const REVISION_BYTES = 8;

/**
 * Opens (or makes) an LMDB environment in a directory.
 *
 * `overlappingSync: false` makes the promise of a write mean "fsync done": LMDB writes its pages, syncs, then writes the
 * meta page through O_DSYNC, so that a crash at any moment leaves the last whole transaction.
 */
export function openEngine(directory: string): Engine {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = open<Buffer, string>({
    path: directory,
    encoding: 'binary',
    overlappingSync: false,
    noMemInit: true,
    mapSize: 64 << 20,
    maxReaders: 8,
  });
  return {
    load() {
      const objects: DiskObject[] = [];
      let revision = 0;
      for (const { key, value } of database.getRange()) {
        if (key === REVISION_KEY) revision = Number(value.readBigUInt64BE());
        else objects.push(decode(key, value));
      }
      return { revision, objects };
    },
    async commit(writes) {
      const last = writes.at(-1);
      if (!last) return;
      const done = database.batch(() => {
        for (const { resource, key, revision, body } of writes) {
          const diskKey = `${resource} ${key}`;
          if (body === undefined) database.remove(diskKey);
          else database.put(diskKey, Buffer.concat([revisionBytes(revision), body]));
        }
        database.put(REVISION_KEY, revisionBytes(last.revision));
      });
      await done;
    },
    async close() {
      await database.close();
    },
  };
}

function decode(diskKey: string, value: Buffer): DiskObject {
  const space = diskKey.indexOf(' ');
  return {
    resource: diskKey.slice(0, space),
    key: diskKey.slice(space + 1),
    revision: Number(value.readBigUInt64BE()),
    // A copy: LMDB reuses the buffer for the next value.
    body: Buffer.from(value.subarray(REVISION_BYTES)),
  };
}

function revisionBytes(revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(REVISION_BYTES);
  bytes.writeBigUInt64BE(BigInt(revision));
  return bytes;
}
