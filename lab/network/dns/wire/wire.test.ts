import { describe, expect, test } from 'vitest';
import { queryFor } from '../testing/fake-dns.ts';
import {
  addressRecord,
  cnameRecord,
  decodeMessage,
  encodeMessage,
  FormatError,
  FrameReader,
  frame,
  isWithin,
  labelsOf,
  type Message,
  recordText,
  soaRecord,
  srvRecord,
  txtRecord,
} from './index.ts';
import { nameLength, readName } from './name.ts';

const bytes = (...parts: (number | string)[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1'))),
  );

const SOA = {
  primary: 'ns.dns.cluster.local.',
  mailbox: 'hostmaster.cluster.local.',
  serial: 0xfedcba98,
  refresh: 7200,
  retry: 1800,
  expire: 86_400,
  minimum: 30,
};

const answering = (more: Partial<Message>) => queryFor('www.example.com.', 'A', { response: true, ...more });

describe('names', () => {
  test.each([
    [bytes(0), '.'],
    [bytes(3, 'www', 7, 'Example', 3, 'com', 0), 'www.Example.com.'],
    [bytes(3, 'a.b', 2, 'c\\', 0), 'a\\.b.c\\\\.'],
    [bytes(2, '\0 ', 1, '\xff', 0), '\\000\\032.\\255.'],
  ])('%j is %s, there and back', (wire, name) => {
    expect(readName(wire, 0)).toEqual({ name, end: wire.length });
    const message = encodeMessage(queryFor(name));
    expect(message.subarray(12, -4)).toEqual(wire);
    expect(nameLength(name)).toBe(wire.length);
  });

  test('pointers are followed backwards, and reading goes on behind the first', () => {
    const message = bytes(3, 'com', 0, 7, 'example', 0xc0, 0, 3, 'www', 0xc0, 5);
    expect(readName(message, 15)).toEqual({ name: 'www.example.com.', end: 21 });
  });

  test.each<[string, Buffer, number]>([
    ['a pointer to itself', bytes(0xc0, 0), 0],
    ['a pointer forwards', bytes(0xc0, 2, 0), 0],
    ['two pointers to each other', bytes(1, 'a', 0xc0, 4, 1, 'b', 0xc0, 0), 4],
    ['a label that points back to itself', bytes(1, 'a', 0xc0, 0), 0],
    ['a pointer cut in half', bytes(0xc0), 0],
    ['a label that leaves the message', bytes(5, 'abc'), 0],
    ['a name without an end', bytes(1, 'a'), 0],
    ['the other kinds of labels', bytes(0x41, 0), 0],
    [
      'more than 255 bytes',
      Buffer.concat([...Array(8)].map(() => bytes(32, 'x'.repeat(32))).concat(bytes(0))),
      0,
    ],
  ])('%s is a format error', (_, message, at) => {
    expect(() => readName(message, at)).toThrow(FormatError);
  });

  test.each(['a..b.', `${'x'.repeat(64)}.`, `${'abcdefg.'.repeat(32)}`])('%s cannot be written', (name) => {
    expect(() => encodeMessage(queryFor(name))).toThrow(FormatError);
  });

  test('labels, and what lies within a zone', () => {
    expect(labelsOf('a\\.b.c.')).toEqual(['a\\.b', 'c']);
    expect(labelsOf('.')).toEqual([]);
    expect(isWithin('a.Cluster.Local.', 'cluster.local.')).toBe(true);
    expect(isWithin('cluster.local.', 'cluster.local.')).toBe(true);
    expect(isWithin('mycluster.local.', 'cluster.local.')).toBe(false);
    expect(isWithin('my\\.cluster.local.', 'cluster.local.')).toBe(false);
    expect(isWithin('anything.', '.')).toBe(true);
  });
});

describe('messages', () => {
  const full = answering({
    authoritative: true,
    recursionAvailable: true,
    authenticData: true,
    checkingDisabled: true,
    rcode: 16,
    answers: [
      cnameRecord('www.example.com.', 60, 'Web.example.com.'),
      addressRecord('Web.example.com.', 60, '203.0.113.10'),
      addressRecord('Web.example.com.', 60, '2001:db8::10'),
      srvRecord('_http._tcp.example.com.', 5, {
        priority: 1,
        weight: 2,
        port: 80,
        target: 'web.example.com.',
      }),
      txtRecord('t.example.com.', 2 ** 31, 'one text'),
      { name: 'x.', type: 65_280, class: 1, ttl: 0, data: [Buffer.from('opaque')] },
    ],
    authority: [soaRecord('example.com.', 300, SOA)],
    additional: [addressRecord('ns.example.com.', 1, '10.1.0.53')],
    edns: { payloadSize: 4096, version: 0, dnssecOk: true },
  });

  test('come back as they were, with and without compression', () => {
    const plain = encodeMessage(full);
    expect(decodeMessage(plain)).toEqual(full);
    const packed = encodeMessage(full, plain.length - 1);
    expect(packed.length).toBeLessThan(plain.length - 60);
    expect(decodeMessage(packed)).toEqual(full);
  });

  test('the target of an SRV record is never compressed (RFC 2782)', () => {
    const packed = encodeMessage(full, encodeMessage(full).length - 1);
    expect(packed.includes(bytes(3, 'web', 7, 'example', 3, 'com', 0))).toBe(true);
  });

  test.each([512, 513, 600, 1232, 4096])('of 300 records as many as fit into %i bytes', (limit) => {
    const answers = Array.from({ length: 300 }, (_, i) =>
      addressRecord('www.example.com.', 1, `10.0.${i >> 8}.${i & 255}`),
    );
    for (const edns of [undefined, { payloadSize: limit, version: 0, dnssecOk: false }]) {
      const wire = encodeMessage(answering({ answers, edns }), limit);
      expect(wire.length).toBeLessThanOrEqual(limit);
      // A compressed A record takes 16 bytes: one more would not have fitted.
      expect(wire.length).toBeGreaterThan(limit - 16);
      const read = decodeMessage(wire);
      expect(read.truncated).toBe(true);
      expect(read.answers).toEqual(answers.slice(0, read.answers.length));
      expect(read.edns).toEqual(edns);
    }
  });

  test('names in records behind the reach of pointers are written in full', () => {
    const answers = Array.from({ length: 1500 }, (_, i) =>
      cnameRecord(`n${i}.example.com.`, 1, `target-${i}.example.org.`),
    );
    const wire = encodeMessage(answering({ answers }), 65_000);
    expect(decodeMessage(wire).answers).toEqual(answers);
  });

  test('recordText writes records as zone files do', () => {
    expect(full.answers.map(recordText)).toEqual([
      'www.example.com. 60 IN CNAME Web.example.com.',
      'Web.example.com. 60 IN A 203.0.113.10',
      'Web.example.com. 60 IN AAAA 2001:db8::10',
      '_http._tcp.example.com. 5 IN SRV 1 2 80 web.example.com.',
      't.example.com. 2147483648 IN TXT "one text"',
      'x. 0 IN TYPE65280 \\# 6 6f7061717565',
    ]);
  });

  const plain = encodeMessage(full);
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['eleven bytes', plain.subarray(0, 11)],
    ['a byte too few', plain.subarray(0, -1)],
    ['a byte too many', Buffer.concat([plain, Buffer.of(0)])],
    [
      'counts that promise 65535 records',
      Buffer.concat([plain.subarray(0, 6), Buffer.alloc(2, 0xff), plain.subarray(8)]),
    ],
    [
      'an A record of five bytes',
      encodeMessage(
        answering({ answers: [{ name: 'a.', type: 1, class: 1, ttl: 0, data: [Buffer.alloc(5)] }] }),
      ),
    ],
    [
      'a CNAME with something behind the name',
      encodeMessage(
        answering({ answers: [{ name: 'a.', type: 15, class: 1, ttl: 0, data: [Buffer.of(1)] }] }),
      ),
    ],
    [
      'an OPT record among the answers',
      encodeMessage(answering({ answers: [{ name: '.', type: 41, class: 512, ttl: 0, data: [] }] })),
    ],
    [
      'two OPT records',
      encodeMessage(
        answering({
          edns: { payloadSize: 512, version: 0, dnssecOk: false },
          additional: [{ name: '.', type: 41, class: 512, ttl: 0, data: [] }],
        }),
      ),
    ],
    [
      'an OPT record of another name',
      encodeMessage(answering({ additional: [{ name: 'a.', type: 41, class: 512, ttl: 0, data: [] }] })),
    ],
  ])('%s is a format error', (_, wire) => {
    expect(() => decodeMessage(wire)).toThrow(FormatError);
  });
});

test('frames are found however the stream is cut', () => {
  const messages = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(3000, 7), Buffer.from('last')];
  const stream = Buffer.concat(messages.map(frame));
  for (const size of [1, 2, 3, 7, 1000, stream.length]) {
    const reader = new FrameReader();
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size)
      found.push(...reader.push(stream.subarray(at, at + size)));
    expect(found).toEqual(messages);
    expect(reader.isWaiting).toBe(false);
  }
});
