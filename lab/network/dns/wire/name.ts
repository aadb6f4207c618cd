import { FormatError } from './format-error.ts';

/**
 * Domain names are kept as text with a final dot, in the letters that came over the wire: `Kubernetes.default.svc.`
 * Bytes that are not printable, dots inside a label and backslashes are escaped as `\DDD` and `\.` (RFC 1035 §5.1), so
 * that the text always tells labels apart.
 */
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;

/** Every pointer must point before the last one, so this many are enough for the longest name. */
const MAX_POINTERS = 126;

const DOT = 0x2e;
const BACKSLASH = 0x5c;

/** A name read from a message, and where reading goes on. */
export interface NameAt {
  readonly name: string;
  readonly end: number;
}

/**
 * Reads a name, following compression pointers (RFC 1035 §4.1.4).
 *
 * @throws FormatError when it leaves the message, is too long, or its pointers do not go strictly backwards (which is
 * what keeps a hostile message from sending the reader round in circles)
 */
export function readName(message: Buffer, start: number): NameAt {
  let at = start;
  let end = -1;
  let lowest = start;
  let bytes = 1;
  let pointers = 0;
  let name = '';
  for (;;) {
    const length = message[at];
    if (length === undefined) throw new FormatError('name leaves the message');
    if (length === 0) break;
    if ((length & 0xc0) === 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw new FormatError('pointer leaves the message');
      if (end === -1) end = at + 2;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= lowest || ++pointers > MAX_POINTERS) throw new FormatError('pointer does not go back');
      lowest = target;
      at = target;
      continue;
    }
    if (length > MAX_LABEL_BYTES) throw new FormatError('unknown kind of label');
    bytes += length + 1;
    if (bytes > MAX_NAME_BYTES) throw new FormatError('name is longer than 255 bytes');
    if (at + 1 + length > message.length) throw new FormatError('label leaves the message');
    name += `${readLabel(message, at + 1, length)}.`;
    at += length + 1;
  }
  return { name: name === '' ? '.' : name, end: end === -1 ? at + 1 : end };
}

function readLabel(message: Buffer, start: number, length: number): string {
  for (let at = start; at < start + length; at++) {
    const byte = message[at] as number;
    if (byte <= 0x20 || byte >= 0x7f || byte === DOT || byte === BACKSLASH) {
      return [...message.subarray(start, start + length)].map(escaped).join('');
    }
  }
  return message.toString('latin1', start, start + length);
}

function escaped(byte: number): string {
  if (byte === DOT || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  return String.fromCharCode(byte);
}

/**
 * The labels of a name as text, escapes left in.
 *
 * @example labelsOf('a.b\\.c.') // ['a', 'b\\.c']
 */
export function labelsOf(name: string): string[] {
  if (name === '.' || name === '') return [];
  const text = name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name;
  return text.includes('\\') ? (text.match(/(?:\\[0-9]{3}|\\.|[^.\\])+/gs) ?? []) : text.split('.');
}

/**
 * A label's bytes.
 *
 * @throws FormatError when it is empty, longer than 63 bytes or escaped wrongly
 */
export function labelBytes(label: string): Buffer {
  const bytes = label.includes('\\') ? unescaped(label) : Buffer.from(label, 'latin1');
  if (bytes.length === 0 || bytes.length > MAX_LABEL_BYTES) {
    throw new FormatError(`label ${JSON.stringify(label)} must have 1 to 63 bytes`);
  }
  return bytes;
}

function unescaped(label: string): Buffer {
  const bytes: number[] = [];
  for (const [part] of label.matchAll(/\\[0-9]{3}|\\.|[^\\]|\\$/gs)) {
    if (part === '\\') throw new FormatError(`label ${JSON.stringify(label)} ends in a backslash`);
    if (part.length === 4) bytes.push(Number(part.slice(1)) & 0xff);
    else bytes.push((part.length === 2 ? part.charCodeAt(1) : part.charCodeAt(0)) & 0xff);
  }
  return Buffer.from(bytes);
}

/** Length of a name on the wire without compression, in bytes. @throws FormatError when it is longer than 255 */
export function nameLength(name: string): number {
  if (!name.includes('\\') && name.length < MAX_NAME_BYTES) return name === '.' ? 1 : name.length + 1;
  const length = labelsOf(name).reduce((sum, label) => sum + labelBytes(label).length + 1, 1);
  if (length > MAX_NAME_BYTES) throw new FormatError('name is longer than 255 bytes');
  return length;
}

/** Names are compared without regard to case (RFC 4343). */
export const canonical = (name: string): string => name.toLowerCase();

/** With the final dot that makes a name absolute. */
export const absolute = (name: string): string =>
  name.endsWith('.') && !name.endsWith('\\.') ? name : `${name}.`;

/** Whether a name is the zone's own or lies below it; both absolute. */
export function isWithin(name: string, zone: string): boolean {
  if (zone === '.') return true;
  const [lower, root] = [canonical(name), canonical(zone)];
  if (!lower.endsWith(root)) return false;
  const before = lower.length - root.length;
  return before === 0 || (lower[before - 1] === '.' && lower[before - 2] !== '\\');
}
