import { describe, expect, test } from 'vitest';
import { rounds, seeded, seeds } from '../../../testing/index.ts';
import { failure, kubernetes } from '../plugins/index.ts';
import { queryFor } from '../testing/fake-dns.ts';
import {
  addressRecord,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  FormatError,
  soaRecord,
  srvRecord,
} from '../wire/index.ts';
import { clusterData, PAPER_OBJECTS } from '../zone/fixture.ts';
import { handle, type Proto } from './handle.ts';

const QUESTIONS = [
  queryFor('wordpress-db.default.svc.cluster.local.'),
  queryFor('_redis._tcp.peers.default.svc.cluster.local.', 'SRV', {
    edns: { payloadSize: 1232, version: 0, dnssecOk: true },
  }),
  queryFor('10.0.96.10.in-addr.arpa.', 'PTR'),
  queryFor('dns-version.cluster.local.', 'TXT'),
].map((query) => encodeMessage(query));

const ANSWERS = [
  encodeMessage(
    queryFor('_http._tcp.a.example.com.', 'SRV', {
      response: true,
      answers: [
        srvRecord('_http._tcp.a.example.com.', 5, {
          priority: 0,
          weight: 1,
          port: 80,
          target: 'a.example.com.',
        }),
      ],
      authority: [
        soaRecord('example.com.', 5, {
          primary: 'ns.example.com.',
          mailbox: 'root.example.com.',
          serial: 1,
          refresh: 1,
          retry: 1,
          expire: 1,
          minimum: 1,
        }),
      ],
      additional: [addressRecord('a.example.com.', 5, '203.0.113.10')],
    }),
    200,
  ),
];

/** A few bytes changed, pointers and lengths by preference; sometimes cut or lengthened. */
function mutate(original: Buffer, random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = Buffer.from(original);
  for (let change = below(4) + 1; change > 0; change--) {
    const at = below(bytes.length);
    const kind = below(6);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] = 0xc0 | below(2);
    else if (kind === 2) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    else if (kind === 3) bytes = bytes.subarray(0, Math.max(1, at));
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(below(40), below(256)), bytes.subarray(at)]);
    else bytes.writeUInt8([0, 1, 63, 64, 255][below(5)] ?? 0, at);
  }
  return bytes;
}

const zone = {
  options: {
    zones: ['cluster.local.', 'in-addr.arpa.', 'ip6.arpa.'],
    pods: 'insecure' as const,
    fallthrough: [],
    ttl: 30,
    endpointPodNames: false,
    namespaces: [],
  },
  data: clusterData(PAPER_OBJECTS),
  localAddresses: ['192.168.8.207'],
  serial: 1,
};
const nowhere = () => failure('nobody');
const resolve = kubernetes({ zones: zone.options.zones, zone: () => zone, lookup: nowhere, next: nowhere });

async function respond(bytes: Buffer, proto: Proto) {
  const panics: unknown[] = [];
  const answer = await handle(bytes, {
    servings: [{ zones: ['.'], resolve }],
    proto,
    remote: { address: '127.0.0.1', port: 40_000 },
    server: 'dns://:53',
    onHandled: () => {},
    onPanic: (error) => panics.push(error),
  });
  return { answer, panics };
}

const QUESTION_ROUNDS = rounds(1000, 5000);
const ANSWER_ROUNDS = rounds(1000, 5000);
const CHANCE_ROUNDS = rounds(400, 2000);

describe.each(seeds(1, 4))('seed %i', (seed) => {
  test(`${QUESTION_ROUNDS} broken questions are answered within bounds, or dropped`, async () => {
    const random = seeded(seed);
    const outcomes = new Map<string, number>();
    for (let round = 0; round < QUESTION_ROUNDS; round++) {
      const original = QUESTIONS[round % QUESTIONS.length] as Buffer;
      const bytes = mutate(original, random);
      const proto = round % 5 === 0 ? 'tcp' : 'udp';
      const { answer, panics } = await respond(bytes, proto);
      const context = () => bytes.toString('hex');
      if (panics.length > 0) expect(panics, context()).toEqual([]);
      const header = decodeHeader(bytes);
      if (!header || header.response) {
        if (answer) expect(answer, context()).toBeUndefined();
        outcomes.set('dropped', (outcomes.get('dropped') ?? 0) + 1);
        continue;
      }
      const read = decodeMessage(answer as Buffer);
      const isRight = read.id === header.id && read.response;
      const fits = proto === 'tcp' || (answer as Buffer).length <= 4096;
      if (!isRight) expect(read, context()).toMatchObject({ id: header.id, response: true });
      if (!fits) throw new Error(`too long an answer to ${context()}`);
      const rcode = String(read.rcode);
      outcomes.set(rcode, (outcomes.get(rcode) ?? 0) + 1);
    }
    // The mutations reach every branch: dropped, answered, format error, not implemented, no such name.
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['dropped', '0', '1', '3', '4']));
  });

  test(`${ANSWER_ROUNDS} broken answers of an upstream server are read, or a format error`, () => {
    const random = seeded(seed + 100);
    let refused = 0;
    for (let round = 0; round < ANSWER_ROUNDS; round++) {
      const bytes = mutate(ANSWERS[0] as Buffer, random);
      try {
        const message = decodeMessage(bytes);
        // What could be read can be written again.
        encodeMessage(message, 512);
      } catch (error) {
        if (!(error instanceof FormatError)) expect(error, bytes.toString('hex')).toBeInstanceOf(FormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(ANSWER_ROUNDS / 10);
    expect(refused).toBeLessThan(ANSWER_ROUNDS);
  });

  test(`${CHANCE_ROUNDS} messages of nothing but chance`, async () => {
    const random = seeded(seed + 200);
    for (let round = 0; round < CHANCE_ROUNDS; round++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 600) }, () => random() * 256));
      const { panics } = await respond(bytes, 'udp');
      if (panics.length > 0) expect(panics, bytes.toString('hex')).toEqual([]);
    }
  });
});
