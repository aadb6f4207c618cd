import type { ServerResponse } from 'node:http';
import { expired, type StatusError } from '../../registry/index.ts';
import type { Entry, StoreEvent } from '../../store/index.ts';
import type { ResourceRequest } from '../context.ts';
import { type EncodeOptions, shown } from '../output/encode.ts';
import { partialOf, tableOf } from '../output/table.ts';
import type { ListOptions } from './list-options.ts';
import { encodeOptions } from './read.ts';

/** A watcher that leaves more than this unread is dropped; it lists again. */
const MAX_UNREAD = 8 << 20;
const BOOKMARK_EVERY_MS = 60_000;
/** Without timeoutSeconds a watch ends after 30-60 minutes, as the real server's --min-request-timeout has it. */
const DEFAULT_TIMEOUT_MS = 1800_000;

type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

/**
 * Streams changes of a resource until the client goes, the time is over or the client stalls.
 * @throws StatusError before the stream begins; later errors are sent as ERROR events
 * @returns what ends the watch, and a promise that it has ended
 */
export function watch(
  request: ResourceRequest,
  options: ListOptions,
  response: ServerResponse,
): { stop(): void; readonly ended: Promise<void> } {
  const { state, resource, path } = request;
  const reader = state.store.reader(resource);
  const encoder = new EventEncoder(request, encodeOptions(request));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  // Before the first event: clients wait for the headers to know that the watch is on.
  response.flushHeaders();
  let reached = options.revision ?? 0;
  const send = (piece: Buffer): void => {
    response.write(piece);
    if (response.writableLength > MAX_UNREAD) response.destroy();
  };
  const inside = (entry: Entry): boolean =>
    path.namespace === undefined || entry.key.startsWith(`${path.namespace}/`);
  const deliver = (event: StoreEvent): void => {
    if (event.revision <= reached) return;
    reached = event.revision;
    if (!inside(event.entry)) return;
    const piece = encoder.event(event, options.matches);
    if (piece) send(piece);
  };
  const bookmark = (): void => {
    reached = Math.max(reached, state.store.revision);
    send(encoder.bookmark(reached));
  };

  let stopListening: () => void = () => undefined;
  const timers: NodeJS.Timeout[] = [];
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      stopListening();
      for (const timer of timers) clearTimeout(timer);
      resolve();
    });
  });
  const stop = (): void => {
    stopListening();
    response.end();
  };
  if (reached === 0) {
    for (const entry of reader.list(path.namespace))
      if (!options.matches || options.matches(entry.object)) send(encoder.added(entry));
    reached = state.store.revision;
  } else if (reached < reader.compactedAt) {
    send(encoder.error(tooOld(resource, reached, reader.compactedAt)));
    response.end();
    return { stop, ended };
  } else for (const event of reader.after(reached)) deliver(event);
  stopListening = reader.listen(deliver);

  const lasts =
    options.timeoutSeconds === undefined
      ? DEFAULT_TIMEOUT_MS * (1 + Math.random())
      : Math.max(0, options.timeoutSeconds) * 1000;
  timers.push(
    setTimeout(
      () => {
        if (options.bookmarks) bookmark();
        stop();
      },
      Math.min(lasts, 2 ** 31 - 1),
    ),
  );
  if (options.bookmarks) timers.push(setInterval(bookmark, BOOKMARK_EVERY_MS));
  for (const timer of timers) timer.unref();
  return { stop, ended };
}

function tooOld(resource: string, revision: number, oldest: number): StatusError {
  // The real server keeps no watch cache of events: the words are those of its etcd store.
  if (resource === 'events') return expired('The resourceVersion for the provided watch is too old.');
  return expired(`too old resource version: ${revision} (${oldest})`);
}

/** Lines of plain events, shared by all watchers that want them. */
const plainLines = new WeakMap<StoreEvent, Buffer>();

class EventEncoder {
  readonly #request: ResourceRequest;
  readonly #options: EncodeOptions;
  readonly #plain: boolean;
  #headers = true;

  constructor(request: ResourceRequest, options: EncodeOptions) {
    this.#request = request;
    this.#options = options;
    this.#plain = options.output.as === undefined && !request.served.conversion;
  }

  /** @returns undefined when the event does not concern this watcher */
  event(event: StoreEvent, matches: ListOptions['matches']): Buffer | undefined {
    if (!matches) {
      if (!this.#plain) return this.#line(event.type, event.entry);
      let line = plainLines.get(event);
      if (!line) {
        line = this.#line(event.type, event.entry);
        plainLines.set(event, line);
      }
      return line;
    }
    const was = event.previous !== undefined && matches(event.previous.object);
    if (event.type === 'DELETED') return was ? this.#line('DELETED', event.entry) : undefined;
    const is = matches(event.entry.object);
    if (is) return this.#line(was ? 'MODIFIED' : 'ADDED', event.entry);
    // It no longer matches: for this watcher it is gone, and the last it sees is what matched.
    return was && event.previous ? this.#line('DELETED', event.previous, event.revision) : undefined;
  }

  added(entry: Entry): Buffer {
    return this.#line('ADDED', entry);
  }

  bookmark(revision: number): Buffer {
    const { kind } = this.#request.served.kind;
    const metadata = { resourceVersion: String(revision), creationTimestamp: null };
    const { output } = this.#options;
    if (output.as !== undefined && output.as !== 'Table') {
      const apiVersion = `meta.k8s.io/${output.version}`;
      return line('BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion, metadata });
    }
    return line('BOOKMARK', { kind, apiVersion: this.#request.served.apiVersion, metadata });
  }

  error(error: StatusError): Buffer {
    return line('ERROR', error.toStatus());
  }

  #line(type: WatchType, entry: Entry, revision = entry.revision): Buffer {
    if (this.#plain && revision === entry.revision) {
      const [head, rest] = entry.json();
      return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), head, rest, LINE_END]);
    }
    const { served } = this.#request;
    let object = shown(entry, served);
    if (revision !== entry.revision)
      object = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    const { output, include } = this.#options;
    if (output.as === undefined) return line(type, object);
    if (output.as !== 'Table') return line(type, partialOf(object, output.version));
    const metadata = { resourceVersion: String(revision) };
    const options = {
      version: output.version,
      include,
      headers: this.#headers,
      now: this.#request.state.now(),
    };
    this.#headers = false;
    return line(type, tableOf(served.kind, [object], metadata, options));
  }
}

const LINE_END = Buffer.from('}\n');

function line(type: string, object: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`);
}
