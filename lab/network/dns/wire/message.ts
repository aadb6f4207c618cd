/**
 * One part of a record's data: bytes as they are, or a domain name. Keeping the names apart lets a record be copied from
 * one message into another, where its compression pointers would mean nothing.
 */
export type DataPart = Buffer | string;

export interface ResourceRecord {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: readonly DataPart[];
}

export interface Question {
  /** Absolute, in the asker's letters. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

/** The OPT pseudo-record (RFC 6891). */
export interface Edns {
  /** Largest UDP message its sender takes, in bytes. */
  readonly payloadSize: number;
  readonly version: number;
  /** DNSSEC OK. */
  readonly dnssecOk: boolean;
}

/** What the first four bytes of a message say (RFC 1035 §4.1.1, RFC 4035 §3). */
export interface Flags {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly rcode: number;
}

/** Its rcode has the upper bits that an OPT record carries. */
export interface Message extends Flags {
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** Without the OPT record. */
  readonly additional: readonly ResourceRecord[];
  readonly edns?: Edns | undefined;
}

export const HEADER_BYTES = 12;
/** Largest UDP message without EDNS (RFC 1035 §2.3.4). */
export const PLAIN_UDP_BYTES = 512;
/** Largest message over TCP: its length has two bytes. */
export const MAX_MESSAGE_BYTES = 65_535;
