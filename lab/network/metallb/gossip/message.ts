import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How far a speaker has come with an address: it asks for it, holds it with the votes of a majority, or holds it without one
 * because a majority is out of reach (see {@link Ballot}).
 */
export type ClaimState = 'claim' | 'hold' | 'alone';

/** What a speaker has last heard of another one directly. */
export interface Hearing {
  readonly incarnation: number;
  readonly sequence: number;
  /** Milliseconds since then. */
  readonly age: number;
}

/** The whole state of one speaker, sent to all others every heartbeat and at every change. */
export interface Message {
  readonly node: string;
  /** When the speaker started, in milliseconds since 1970: a later one is a new process. */
  readonly incarnation: number;
  readonly sequence: number;
  /** Knows the API, can answer ARP, and may be elected. */
  readonly ready: boolean;
  /** The last message of a clean stop. */
  readonly leaving: boolean;
  /** By address. */
  readonly claims: Readonly<Record<string, ClaimState>>;
  /** To whom this speaker has promised its vote, by address. */
  readonly grants: Readonly<Record<string, string>>;
  readonly heard: Readonly<Record<string, Hearing>>;
}

const MAGIC = Buffer.from('HLM1');
const MAC_BYTES = 32;
/** UDP's own limit; larger than any lab needs. */
const MAX_BYTES = 65_000;

const mac = (key: Buffer, body: Buffer) => createHmac('sha256', key).update(MAGIC).update(body).digest();

/** The datagram of a message: magic, HMAC-SHA256 of the rest with the speakers' secret, JSON. */
export function encode(message: Message, key: Buffer): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([MAGIC, mac(key, body), body]);
}

/**
 * @param keys any of which may have signed it
 * @returns undefined for everything that is not a well-formed message of somebody who knows the secret
 */
export function decode(datagram: Buffer, keys: readonly Buffer[]): Message | undefined {
  const start = MAGIC.length + MAC_BYTES;
  if (datagram.length <= start || datagram.length > MAX_BYTES) return undefined;
  if (!datagram.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const signature = datagram.subarray(MAGIC.length, start);
  const body = datagram.subarray(start);
  if (!keys.some((key) => timingSafeEqual(signature, mac(key, body)))) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const STATES: readonly unknown[] = ['claim', 'hold', 'alone'] satisfies ClaimState[];
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isName = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= 253;

function isRecordOf(value: unknown, check: (item: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([key, item]) => isName(key) && check(item));
}

function isHearing(value: unknown): boolean {
  const { incarnation, sequence, age } = (value ?? {}) as Partial<Hearing>;
  return isCount(incarnation) && isCount(sequence) && isCount(age);
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { node, incarnation, sequence, ready, leaving, claims, grants, heard } = value as Partial<Message>;
  return (
    isName(node) &&
    isCount(incarnation) &&
    isCount(sequence) &&
    typeof ready === 'boolean' &&
    typeof leaving === 'boolean' &&
    isRecordOf(claims, (state) => STATES.includes(state)) &&
    isRecordOf(grants, isName) &&
    isRecordOf(heard, isHearing)
  );
}
