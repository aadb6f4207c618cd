import { expired, notFound, StatusError, unclassified } from '../../registry/index.ts';
import { type Entry, lowerBound } from '../../store/index.ts';
import type { ResourceRequest } from '../context.ts';
import type { Answer } from '../output/answer.ts';
import { type EncodeOptions, encodeEntry, encodeList, type ListMeta } from '../output/encode.ts';
import { parseIncludeObject } from '../output/table.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { type ListOptions, select } from './list-options.ts';
import { parseRevision } from './options.ts';

/** How this request wants its answer; reads `?includeObject=`. */
export function encodeOptions({ output, query, state }: ResourceRequest): EncodeOptions {
  const include = output.as === 'Table' ? parseIncludeObject(query.get('includeObject')) : 'Metadata';
  return { output, include, now: state.now() };
}

/** The committed object a path names. @throws StatusError 404 */
export function find(request: ResourceRequest, name = request.path.name ?? ''): Entry {
  const { state, resource, path, served } = request;
  const entry = state.store.get(resource, path.namespace, name);
  if (!entry) throw notFound(served.resource, name);
  return entry;
}

export function get(request: ResourceRequest): Answer {
  const revision = parseRevision(request.query.get('resourceVersion'));
  if (revision !== undefined) checkReached(revision, request.state.store.revision);
  return encodeEntry(find(request), request.served, encodeOptions(request));
}

export function list(request: ResourceRequest, options: ListOptions): Answer {
  const { state, resource, path, served } = request;
  const prefix = path.namespace === undefined ? '' : `${path.namespace}/`;
  const page = pageOf(request, options);
  const reader = state.store.reader(resource);
  if (page.revision < reader.compactedAt) throw gone(options, page.start, reader.compactedAt, page.revision);
  let entries = reader.listAt(page.revision, path.namespace);
  if (page.start !== '') entries = entries.slice(lowerBound(entries, prefix + page.start));
  const encode = encodeOptions(request);
  const resourceVersion = String(page.revision);
  // resourceVersion=0 is answered from the cache, which knows no pages.
  if (options.limit === 0 || options.revision === 0)
    return encodeList(select(entries, options.matches), { resourceVersion }, served, encode);
  const { taken, consumed } = take(entries, options);
  const remaining = entries.length - consumed;
  const last = taken.at(-1);
  const meta: ListMeta =
    remaining === 0 || !last
      ? { resourceVersion }
      : {
          resourceVersion,
          continue: encodeContinue({ revision: page.revision, start: `${last.key.slice(prefix.length)}\0` }),
          ...(options.matches ? {} : { remainingItemCount: remaining }),
        };
  return encodeList(taken, meta, served, encode);
}

interface Page {
  readonly revision: number;
  readonly start: string;
}

function pageOf({ state }: ResourceRequest, options: ListOptions): Page {
  const current = state.store.revision;
  if (options.continueToken !== '') {
    if (options.revision !== undefined && options.revision !== 0)
      throw unclassified('specifying resource version is not allowed when using continue');
    const token = decodeContinue(options.continueToken);
    return { revision: token.revision < 0 ? current : token.revision, start: token.start };
  }
  const { revision } = options;
  if (revision === undefined || revision === 0) return { revision: current, start: '' };
  checkReached(revision, current);
  return { revision: options.exact ? revision : current, start: '' };
}

/** The first `limit` matching entries and how many entries were looked at for them. */
function take(
  entries: readonly Entry[],
  { limit, matches }: ListOptions,
): { taken: readonly Entry[]; consumed: number } {
  if (!matches) return { taken: entries.slice(0, limit), consumed: Math.min(limit, entries.length) };
  const taken: Entry[] = [];
  let consumed = 0;
  for (const entry of entries) {
    if (taken.length === limit) break;
    consumed++;
    if (matches(entry.object)) taken.push(entry);
  }
  return { taken, consumed };
}

/** A resourceVersion from the future: it belongs to another store, or to a write that was never acknowledged. */
function checkReached(revision: number, current: number): void {
  if (revision <= current) return;
  throw new StatusError({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${revision}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

function gone(options: ListOptions, start: string, oldest: number, wanted: number): StatusError {
  if (options.continueToken === '')
    return expired(`The resourceVersion for the provided list is too old: ${wanted} (${oldest})`);
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    encodeContinue({ revision: -1, start }),
  );
}
