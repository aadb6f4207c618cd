import { TYPE } from './codes.ts';
import { FormatError } from './format-error.ts';
import {
  type Edns,
  type Flags,
  HEADER_BYTES,
  type Message,
  type Question,
  type ResourceRecord,
} from './message.ts';
import { readName } from './name.ts';
import { readData } from './rdata.ts';

/** The header alone, which even a message that cannot be read further may have. */
export interface Header extends Flags {
  readonly counts: {
    readonly questions: number;
    readonly answers: number;
    readonly authority: number;
    readonly additional: number;
  };
}

/** @returns undefined when there are not even 12 bytes */
export function decodeHeader(message: Buffer): Header | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(2);
  return {
    id: message.readUInt16BE(0),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: flags & 0xf,
    counts: {
      questions: message.readUInt16BE(4),
      answers: message.readUInt16BE(6),
      authority: message.readUInt16BE(8),
      additional: message.readUInt16BE(10),
    },
  };
}

/**
 * Reads a whole message (RFC 1035 §4). Work is bounded by the message's length: a count in the header that promises
 * more than is there ends in an error at the message's end.
 *
 * @throws FormatError
 */
export function decodeMessage(message: Buffer): Message {
  const header = decodeHeader(message);
  if (!header) throw new FormatError('message is shorter than its header');
  const { counts, ...rest } = header;
  const questions: Question[] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < counts.questions; index++) {
    const { name, end } = readName(message, at);
    if (end + 4 > message.length) throw new FormatError('question leaves the message');
    questions.push({ name, type: message.readUInt16BE(end), class: message.readUInt16BE(end + 2) });
    at = end + 4;
  }
  const section = (count: number): ResourceRecord[] => {
    const records: ResourceRecord[] = [];
    for (let index = 0; index < count; index++) {
      const read = readRecord(message, at);
      records.push(read.record);
      at = read.end;
    }
    return records;
  };
  const answers = section(counts.answers);
  const authority = section(counts.authority);
  const extra = section(counts.additional);
  if (at !== message.length) throw new FormatError('bytes after the last record');
  if ([...answers, ...authority].some(({ type }) => type === TYPE.OPT))
    throw new FormatError('misplaced OPT');
  const opts = extra.filter(({ type }) => type === TYPE.OPT);
  // RFC 6891 §6.1.1: a second OPT, or one that is not the root's, is a format error.
  const [opt] = opts;
  if (opts.length > 1 || (opt && opt.name !== '.'))
    throw new FormatError('more than one OPT, or not of the root');
  return {
    ...rest,
    rcode: opt ? ((opt.ttl >>> 24) << 4) | rest.rcode : rest.rcode,
    questions,
    answers,
    authority,
    additional: opt ? extra.filter((record) => record !== opt) : extra,
    edns: opt && readEdns(opt),
  };
}

function readRecord(message: Buffer, start: number): { record: ResourceRecord; end: number } {
  const { name, end } = readName(message, start);
  const data = end + 10;
  if (data > message.length) throw new FormatError('record leaves the message');
  const type = message.readUInt16BE(end);
  const length = message.readUInt16BE(end + 8);
  const record = {
    name,
    type,
    class: message.readUInt16BE(end + 2),
    ttl: message.readUInt32BE(end + 4),
    data: readData(message, type, data, length),
  };
  return { record, end: data + length };
}

/** Class and TTL of an OPT record have meanings of their own (RFC 6891 §6.1.2). */
const readEdns = (opt: ResourceRecord): Edns => ({
  payloadSize: opt.class,
  version: (opt.ttl >>> 16) & 0xff,
  dnssecOk: (opt.ttl & 0x8000) !== 0,
});
