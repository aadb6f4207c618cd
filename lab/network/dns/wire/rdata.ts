import { FormatError } from './format-error.ts';
import type { DataPart } from './message.ts';
import { readName } from './name.ts';

/**
 * Where names stand in a record's data: a number is so many bytes, `name` a domain name, and what is left over follows
 * as bytes. Only these types may hold compressed names when read (RFC 3597 §4); all others are opaque.
 */
const LAYOUTS: Readonly<Record<number, readonly (number | 'name')[]>> = {
  2: ['name'], // NS
  3: ['name'], // MD
  4: ['name'], // MF
  5: ['name'], // CNAME
  6: ['name', 'name', 20], // SOA
  7: ['name'], // MB
  8: ['name'], // MG
  9: ['name'], // MR
  12: ['name'], // PTR
  14: ['name', 'name'], // MINFO
  15: [2, 'name'], // MX
  17: ['name', 'name'], // RP
  18: [2, 'name'], // AFSDB
  21: [2, 'name'], // RT
  33: [6, 'name'], // SRV
  36: [2, 'name'], // KX
  39: ['name'], // DNAME
};

/** Fixed lengths that a reader of the data relies on. */
const LENGTHS: Readonly<Record<number, number>> = { 1: 4, 28: 16 };

/** Types of RFC 1035, whose names may be compressed when written; for SRV RFC 2782 forbids it. */
const COMPRESSIBLE = new Set([2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15]);

export const mayCompress = (type: number): boolean => COMPRESSIBLE.has(type);

/**
 * Takes a record's data apart.
 *
 * @throws FormatError when it does not have its type's form, or a name ends outside of it
 */
export function readData(message: Buffer, type: number, start: number, length: number): DataPart[] {
  const end = start + length;
  if (end > message.length) throw new FormatError('record leaves the message');
  const fixed = LENGTHS[type];
  if (fixed !== undefined && fixed !== length)
    throw new FormatError(`record of type ${type} has ${length} bytes`);
  const parts: DataPart[] = [];
  let at = start;
  for (const part of LAYOUTS[type] ?? []) {
    if (part === 'name') {
      const read = readName(message, at);
      parts.push(read.name);
      at = read.end;
    } else {
      parts.push(Buffer.from(message.subarray(at, at + part)));
      at += part;
    }
    if (at > end) throw new FormatError(`record of type ${type} is too short`);
  }
  // A copy: an answer in the cache must not keep the whole message alive.
  if (at < end) parts.push(Buffer.from(message.subarray(at, end)));
  return parts;
}
