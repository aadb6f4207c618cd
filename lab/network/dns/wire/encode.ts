import { TYPE } from './codes.ts';
import {
  type DataPart,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  type Message,
  type ResourceRecord,
} from './message.ts';
import { canonical, labelBytes, labelsOf, nameLength } from './name.ts';
import { mayCompress } from './rdata.ts';

/** What an OPT record takes: the root's name, type, class, TTL, length. */
const OPT_BYTES = 11;
/** A compression pointer has 14 bits. */
const MAX_POINTER = 0x3fff;

/**
 * Writes a message. Names are compressed only when it would not fit otherwise, as CoreDNS does: it is why the sizes in
 * the white paper's Figure 96 are those of uncompressed messages. What still does not fit is cut off at a record's end
 * and the message marked as truncated (RFC 2181 §9).
 *
 * @param limit largest size in bytes: what UDP's asker takes, or 65535 over TCP
 * @throws FormatError when a name cannot be written
 */
export function encodeMessage(message: Message, limit = MAX_MESSAGE_BYTES): Buffer {
  const size = uncompressedLength(message);
  if (size <= limit) return new Writer(size, undefined).message(message, limit);
  return new Writer(Math.min(size, MAX_MESSAGE_BYTES), new Map()).message(message, limit);
}

const partLength = (part: DataPart) => (typeof part === 'string' ? nameLength(part) : part.length);

const recordLength = ({ name, data }: ResourceRecord) =>
  nameLength(name) + 10 + data.reduce((sum, part) => sum + partLength(part), 0);

function uncompressedLength({ questions, answers, authority, additional, edns }: Message): number {
  let length = HEADER_BYTES + (edns ? OPT_BYTES : 0);
  for (const { name } of questions) length += nameLength(name) + 4;
  for (const section of [answers, authority, additional]) {
    for (const record of section) length += recordLength(record);
  }
  return length;
}

class Writer {
  readonly #buffer: Buffer;
  /** Where a name was written before; undefined: names are not compressed. */
  readonly #seen: Map<string, number> | undefined;
  #at = HEADER_BYTES;

  constructor(size: number, seen: Map<string, number> | undefined) {
    this.#buffer = Buffer.alloc(size);
    this.#seen = seen;
  }

  message(message: Message, limit: number): Buffer {
    const { questions, edns } = message;
    for (const { name, type, class: klass } of questions) {
      this.#name(name, true);
      this.#u16(type);
      this.#u16(klass);
    }
    const room = limit - (edns ? OPT_BYTES : 0);
    let full = false;
    const counts = [message.answers, message.authority, message.additional].map((records) => {
      let count = 0;
      for (const record of records) {
        if (full || !this.#record(record, room)) {
          full = true;
          break;
        }
        count++;
      }
      return count;
    });
    if (edns) this.#opt(message);
    this.#header(message, full);
    const [answers = 0, authority = 0, additional = 0] = counts;
    [questions.length, answers, authority, additional + (edns ? 1 : 0)].forEach((count, index) => {
      this.#buffer.writeUInt16BE(count, 4 + 2 * index);
    });
    return this.#buffer.subarray(0, this.#at);
  }

  #header(message: Message, cut: boolean): void {
    const flags =
      (message.response ? 0x8000 : 0) |
      (message.opcode << 11) |
      (message.authoritative ? 0x0400 : 0) |
      (message.truncated || cut ? 0x0200 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      (message.recursionAvailable ? 0x0080 : 0) |
      (message.authenticData ? 0x0020 : 0) |
      (message.checkingDisabled ? 0x0010 : 0) |
      (message.rcode & 0xf);
    this.#buffer.writeUInt16BE(message.id, 0);
    this.#buffer.writeUInt16BE(flags, 2);
  }

  #opt({ edns, rcode }: Message): void {
    if (!edns) return;
    this.#buffer[this.#at++] = 0;
    this.#u16(TYPE.OPT);
    this.#u16(edns.payloadSize);
    this.#buffer[this.#at++] = (rcode >> 4) & 0xff;
    this.#buffer[this.#at++] = edns.version;
    this.#u16(edns.dnssecOk ? 0x8000 : 0);
    this.#u16(0);
  }

  /** @returns false, with nothing written, when the record would end beyond the limit */
  #record(record: ResourceRecord, limit: number): boolean {
    const start = this.#at;
    // Uncompressed lengths bound what is written, so a buffer of the limit's size cannot be left.
    if (start + recordLength(record) > limit && start + this.#compressedLength(record) > limit) return false;
    this.#name(record.name, true);
    this.#u16(record.type);
    this.#u16(record.class);
    this.#at = this.#buffer.writeUInt32BE(record.ttl >>> 0, this.#at);
    const length = this.#at;
    this.#at += 2;
    for (const part of record.data) {
      if (typeof part === 'string') this.#name(part, mayCompress(record.type));
      else this.#at += part.copy(this.#buffer, this.#at);
    }
    this.#buffer.writeUInt16BE(this.#at - length - 2, length);
    return true;
  }

  /** At most what {@link Writer.#record} writes; a name twice within one record is counted in full. */
  #compressedLength({ name, type, data }: ResourceRecord): number {
    let length = this.#nameLength(name, true) + 10;
    for (const part of data) {
      length += typeof part === 'string' ? this.#nameLength(part, mayCompress(type)) : part.length;
    }
    return length;
  }

  #nameLength(name: string, compress: boolean): number {
    const seen = this.#seen;
    if (!seen || !compress) return nameLength(name);
    let length = 0;
    for (const { suffix, label } of suffixes(name)) {
      if (seen.has(suffix)) return length + 2;
      length += label.length + 1;
    }
    return length + 1;
  }

  /** Compression is case-sensitive: a name keeps its own letters. */
  #name(name: string, compress: boolean): void {
    if (!this.#seen) {
      for (const label of labelsOf(name)) this.#label(labelBytes(label));
      this.#buffer[this.#at++] = 0;
      return;
    }
    for (const { suffix, label } of suffixes(name)) {
      const before = compress ? this.#seen.get(suffix) : undefined;
      if (before !== undefined) {
        this.#u16(0xc000 | before);
        return;
      }
      if (this.#at <= MAX_POINTER) this.#seen.set(suffix, this.#at);
      this.#label(label);
    }
    this.#buffer[this.#at++] = 0;
  }

  #label(bytes: Buffer): void {
    this.#buffer[this.#at++] = bytes.length;
    this.#at += bytes.copy(this.#buffer, this.#at);
  }

  #u16(value: number): void {
    this.#at = this.#buffer.writeUInt16BE(value, this.#at);
  }
}

/** `a.b.` gives `a.b.` with label a, then `b.` with label b. */
function suffixes(name: string): { readonly suffix: string; readonly label: Buffer }[] {
  const labels = labelsOf(name);
  return labels.map((label, index) => ({
    suffix: labels.slice(index).join('.'),
    label: labelBytes(label),
  }));
}

/** Whether two questions are the same; names without regard to case. */
export const sameQuestion = (
  a: { readonly name: string; readonly type: number; readonly class: number },
  b: { readonly name: string; readonly type: number; readonly class: number },
): boolean => a.type === b.type && a.class === b.class && canonical(a.name) === canonical(b.name);
