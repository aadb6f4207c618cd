import type { ApiObject, Event, ObjectReference } from '../objects/index.ts';
import { isNotFound } from './api-error.ts';
import type { ApiClient } from './client.ts';
import { type Clock, systemClock, timestamp } from './clock.ts';
import { EVENTS } from './resources.ts';

export interface EventRecorder {
  /** Publishes; never throws and never waits. */
  event(
    about: ApiObject | ObjectReference,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void;
  /** Resolves when all events so far are written (or given up). */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  /** e.g. `deployment-controller`. */
  readonly component: string;
  /** The node, for programs that run on every one. */
  readonly host?: string;
  readonly clock?: Clock;
  readonly onError?: (error: unknown) => void;
}

interface Seen {
  readonly name: string;
  readonly namespace: string;
  count: number;
  last: number;
}

/** Similar events within ten minutes are counted on one object instead of written anew. */
const FORGET_AFTER_MS = 600_000;
const MAX_SEEN = 4_096;
/** More than so many texts of one kind within ten minutes become one event, as client-go's EventAggregator does. */
const MAX_SIMILAR = 10;

/**
 * Writes core/v1 Events. Repeated ones raise `count` and `lastTimestamp` of the first; from the tenth on, events that differ
 * only in their text are joined as "(combined from similar events)". client-go tools/record/events_cache.go.
 */
export function eventRecorder(client: ApiClient, options: EventRecorderOptions): EventRecorder {
  const clock = options.clock ?? systemClock;
  const seen = new Map<string, Seen>();
  const similar = new Map<string, { readonly messages: Set<string>; last: number }>();
  let tail: Promise<void> = Promise.resolve();

  /** The text under which the event is counted, and the one that is printed. */
  function aggregate(
    group: string,
    message: string,
    now: number,
  ): { readonly key: string; readonly text: string } {
    let entry = similar.get(group);
    if (!entry || now - entry.last > FORGET_AFTER_MS) {
      entry = { messages: new Set(), last: now };
      similar.set(group, entry);
      trim(similar);
    }
    entry.last = now;
    entry.messages.add(message);
    if (entry.messages.size < MAX_SIMILAR) return { key: `${group}\u0000${message}`, text: message };
    entry.messages.delete(message);
    return { key: group, text: `(combined from similar events): ${message}` };
  }

  async function write(
    involvedObject: ObjectReference,
    type: string,
    reason: string,
    message: string,
    now: number,
  ) {
    const { component, host } = options;
    const { kind = '', uid = '', fieldPath = '' } = involvedObject;
    const namespace = involvedObject.namespace || 'default';
    const group = [kind, namespace, involvedObject.name, uid, fieldPath, type, reason].join('\u0000');
    const { key, text } = aggregate(group, message, now);
    const known = seen.get(key);
    if (known && now - known.last <= FORGET_AFTER_MS) {
      known.count++;
      known.last = now;
      const patch = { count: known.count, lastTimestamp: timestamp(now), message: text };
      try {
        await client.patch(EVENTS, known.name, known.namespace, patch);
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    const count = known && now - known.last <= FORGET_AFTER_MS ? known.count : 1;
    const name = `${involvedObject.name}.${uniqueSuffix(now)}`;
    seen.set(key, { name, namespace, count, last: now });
    trim(seen);
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject,
      reason,
      message: text,
      type,
      count,
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      eventTime: null,
      source: { component, ...(host ? { host } : {}) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
    await client.create<Event>(EVENTS, event);
  }

  return {
    event(about, type, reason, message) {
      const reference = referenceTo(about);
      const now = clock.now();
      tail = tail
        .then(() => write(reference, type, reason, message, now))
        .catch((error: unknown) => options.onError?.(error));
    },
    flush: () => tail,
  };
}

/** `metav1` reference to an object; a reference is returned as it is. */
export function referenceTo(about: ApiObject | ObjectReference): ObjectReference {
  if (!('metadata' in about)) return about;
  const { namespace, name, uid, resourceVersion } = about.metadata;
  return {
    ...(about.kind ? { kind: about.kind } : {}),
    ...(about.apiVersion ? { apiVersion: about.apiVersion } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}

let lastSuffix = 0n;

/** Nanoseconds in hexadecimal, as client-go names events; never the same twice in a process. */
function uniqueSuffix(now: number): string {
  const nanoseconds = BigInt(now) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000));
  lastSuffix = nanoseconds > lastSuffix ? nanoseconds : lastSuffix + 1n;
  return lastSuffix.toString(16);
}

/** A Map remembers the order of insertion: the oldest entry leaves. */
function trim(map: Map<string, unknown>): void {
  if (map.size <= MAX_SEEN) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
