import type { KubeObject } from '../registry/index.ts';

/** What an {@link Entry} needs to know of its kind to show itself whole. */
export interface EntryType {
  readonly apiVersion: string;
  readonly kind: string;
  /** `{"kind":"Pod","apiVersion":"v1",`: what turns an item of a list into an object of its own. */
  readonly head: Buffer;
}

export function entryType(kind: string, apiVersion: string): EntryType {
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`;
  return { apiVersion, kind, head: Buffer.from(head) };
}

/**
 * How many parsed objects are kept. JSON of ten thousand objects takes 10-20 MB, the same objects parsed four times
 * that; most are only ever sent as they are.
 */
const PARSED_LIMIT = 1024;
const parsed = new Map<Entry, KubeObject>();

/** One version of one object: immutable, serialised once. */
export class Entry {
  /** `namespace/name`, or `name` for kinds without namespaces: the order of lists. */
  readonly key: string;
  readonly revision: number;
  /** JSON without kind and apiVersion, as items of a typed list are sent: `{"metadata":…}`. */
  readonly body: Buffer;
  readonly type: EntryType;

  constructor(key: string, revision: number, body: Buffer, type: EntryType) {
    this.key = key;
    this.revision = revision;
    this.body = body;
    this.type = type;
  }

  /** The object; shared, so never to be changed. See {@link copy}. */
  get object(): KubeObject {
    const known = parsed.get(this);
    if (known) return known;
    const object = this.copy();
    if (parsed.size >= PARSED_LIMIT) {
      const oldest = parsed.keys().next();
      if (!oldest.done) parsed.delete(oldest.value);
    }
    parsed.set(this, object);
    return object;
  }

  /** A copy for the caller to change. */
  copy(): KubeObject {
    const { apiVersion, kind } = this.type;
    return {
      apiVersion,
      kind,
      ...(JSON.parse(this.body.toString()) as Omit<KubeObject, 'kind'>),
    } as KubeObject;
  }

  /** The two pieces of the whole object's JSON. */
  json(): readonly [Buffer, Buffer] {
    return [this.type.head, this.body.subarray(1)];
  }
}

/** Serialises an object at a revision; `metadata` comes first, as real servers write it. */
export function entryOf(object: KubeObject, revision: number, type: EntryType): Entry {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const stamped = { ...metadata, resourceVersion: String(revision) };
  const body = Buffer.from(JSON.stringify({ metadata: stamped, ...rest }));
  return new Entry(keyOf(metadata.namespace, metadata.name), revision, body, type);
}

export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
