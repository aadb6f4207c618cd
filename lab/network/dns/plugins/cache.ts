import type { Clock } from '../../../api/client/index.ts';
import {
  canonical,
  isWithin,
  type Question,
  RCODE,
  type ResourceRecord,
  soaMinimum,
  TYPE,
} from '../wire/index.ts';
import { type Asker, type Reply, type Resolver, withReply } from './resolver.ts';

export type CacheKind = 'success' | 'denial';

export interface CacheOptions {
  readonly zones: readonly string[];
  /** Entries at most, and seconds at most. */
  readonly success: { readonly capacity: number; readonly ttl: number };
  readonly denial: { readonly capacity: number; readonly ttl: number };
  /** Zones whose answers of that kind are not kept. */
  readonly disabled: Readonly<Record<CacheKind, readonly string[]>>;
}

interface Entry {
  readonly reply: Reply;
  readonly stored: number;
  readonly expires: number;
}

export interface CacheMetrics {
  hit(kind: CacheKind, server: string): void;
  miss(server: string): void;
  size(kind: CacheKind, entries: number, server: string): void;
}

/**
 * The `cache` plugin: answers that may be remembered, until their TTL or the configured one is over. "No" is kept as
 * long as its SOA allows (RFC 2308 §5), and not at all without one.
 */
export function cache(options: CacheOptions, next: Resolver, clock: Clock, metrics?: CacheMetrics): Resolver {
  const entries: Readonly<Record<CacheKind, Map<string, Entry>>> = { success: new Map(), denial: new Map() };

  const lookup = (key: string, server: string): Reply | undefined => {
    const now = clock.now();
    for (const kind of ['success', 'denial'] as const) {
      const entry = entries[kind].get(key);
      if (!entry) continue;
      if (entry.expires <= now) {
        entries[kind].delete(key);
        continue;
      }
      metrics?.hit(kind, server);
      return aged(entry.reply, Math.floor((now - entry.stored) / 1000));
    }
    metrics?.miss(server);
    return undefined;
  };

  const store = (key: string, question: Question, reply: Reply, server: string): void => {
    const kind = kindOf(reply);
    if (!kind || options.disabled[kind].some((zone) => isWithin(question.name, zone))) return;
    const seconds = Math.min(timeToLive(kind, reply), options[kind].ttl);
    if (seconds <= 0) return;
    const stored = clock.now();
    const kept = entries[kind];
    kept.delete(key);
    // The oldest makes room: a Map keeps the order of insertion.
    if (kept.size >= options[kind].capacity) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, { reply: limited(reply, seconds), stored, expires: stored + seconds * 1000 });
    metrics?.size(kind, kept.size, server);
  };

  return (question, asker) => {
    if (!options.zones.some((zone) => isWithin(question.name, zone))) return next(question, asker);
    const key = keyOf(question, asker);
    const known = lookup(key, asker.server);
    if (known) return known;
    return withReply(next(question, asker), (reply) => {
      if (reply.cacheable) store(key, question, reply, asker.server);
      return reply;
    });
  };
}

/** Signed and unchecked answers are other answers. */
const keyOf = ({ name, type, class: klass }: Question, { dnssecOk, checkingDisabled }: Asker): string =>
  `${canonical(name)} ${type} ${klass} ${Number(dnssecOk)}${Number(checkingDisabled)}`;

function kindOf({ rcode, answers }: Reply): CacheKind | undefined {
  if (rcode === RCODE.NXDOMAIN) return 'denial';
  if (rcode !== RCODE.NOERROR) return undefined;
  return answers.length > 0 ? 'success' : 'denial';
}

function timeToLive(kind: CacheKind, { answers, authority, additional }: Reply): number {
  const smallest = Math.min(...[...answers, ...authority, ...additional].map(({ ttl }) => ttl));
  if (kind === 'success') return smallest;
  const soa = authority.find(({ type }) => type === TYPE.SOA);
  return soa ? Math.min(smallest, soaMinimum(soa) ?? 0) : 0;
}

function mapped(reply: Reply, change: (record: ResourceRecord) => ResourceRecord): Reply {
  const { answers, authority, additional } = reply;
  return {
    ...reply,
    answers: answers.map(change),
    authority: authority.map(change),
    additional: additional.map(change),
  };
}

/** No record says that it may be kept longer than it is kept here. */
const limited = (reply: Reply, seconds: number) =>
  mapped(reply, (record) => ({ ...record, ttl: Math.min(record.ttl, seconds) }));

const aged = (reply: Reply, seconds: number) =>
  mapped(reply, (record) => ({ ...record, ttl: Math.max(0, record.ttl - seconds) }));
