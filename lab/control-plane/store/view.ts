import type { KubeObject } from '../registry/index.ts';
import type { Collection, CollectionReader } from './collection.ts';
import { type Entry, type EntryType, entryOf } from './entry.ts';
import type { StoreEvent } from './event-log.ts';

/** How the objects of a view come from those of another resource. */
export interface ViewOptions {
  /** Resource key of the source, e.g. `pods`. */
  readonly of: string;
  /** @returns undefined for a source object that the view does not show */
  derive(object: KubeObject): KubeObject | undefined;
}

/**
 * A resource without objects of its own: each is derived from one of another resource and has that one's revision, so
 * lists, paging and watches work on it as on any other. Derived once per version of the source, and forgotten with it.
 */
export class CollectionView implements CollectionReader {
  readonly #source: Collection;
  readonly #type: EntryType;
  readonly #derive: ViewOptions['derive'];
  readonly #entries = new WeakMap<Entry, Entry | false>();
  readonly #events = new WeakMap<StoreEvent, StoreEvent | false>();

  constructor(source: Collection, type: EntryType, derive: ViewOptions['derive']) {
    this.#source = source;
    this.#type = type;
    this.#derive = derive;
  }

  get compactedAt(): number {
    return this.#source.compactedAt;
  }

  /** Looks through the namespace of the key: the name in the view need not be that of the source. */
  get(key: string): Entry | undefined {
    const slash = key.indexOf('/');
    const namespace = slash < 0 ? undefined : key.slice(0, slash);
    for (const entry of this.#source.list(namespace)) {
      const shown = this.#view(entry);
      if (shown?.key === key) return shown;
    }
    return undefined;
  }

  list(namespace?: string): readonly Entry[] {
    return this.#all(this.#source.list(namespace));
  }

  listAt(revision: number, namespace?: string): readonly Entry[] {
    return this.#all(this.#source.listAt(revision, namespace));
  }

  after(revision: number): readonly StoreEvent[] {
    return this.#source.after(revision).flatMap((event) => this.#event(event) ?? []);
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    return this.#source.listen((event) => {
      const shown = this.#event(event);
      if (shown) listener(shown);
    });
  }

  #all(entries: readonly Entry[]): readonly Entry[] {
    return entries.flatMap((entry) => this.#view(entry) ?? []).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #view(entry: Entry): Entry | undefined {
    let known = this.#entries.get(entry);
    if (known === undefined) {
      const object = this.#derive(entry.object);
      known = object ? entryOf(object, entry.revision, this.#type) : false;
      this.#entries.set(entry, known);
    }
    return known || undefined;
  }

  /** What a change of the source is in the view: an object comes into it or leaves it while its source only changes. */
  #event(event: StoreEvent): StoreEvent | undefined {
    let known = this.#events.get(event);
    if (known === undefined) {
      known = this.#changed(event) ?? false;
      this.#events.set(event, known);
    }
    return known || undefined;
  }

  #changed({ type, revision, entry, previous }: StoreEvent): StoreEvent | undefined {
    const before = previous && this.#view(previous);
    const after = type === 'DELETED' ? undefined : this.#view(entry);
    if (after) return { type: before ? 'MODIFIED' : 'ADDED', revision, entry: after, previous: before };
    if (!before) return undefined;
    const last = entryOf(before.copy(), revision, this.#type);
    return { type: 'DELETED', revision, entry: last, previous: before };
  }
}
