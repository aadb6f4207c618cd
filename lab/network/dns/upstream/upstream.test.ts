import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { fakeUpstream } from '../testing/upstream.ts';
import { addressRecord, decodeMessage, encodeMessage, recordText } from '../wire/index.ts';
import { exchange, nameservers, upstreamOf } from './index.ts';

const QUESTION = { name: 'www.example.com.', type: 1, class: 1 };
const OPTIONS = { recursionDesired: true, checkingDisabled: false, dnssecOk: false, timeoutMs: 2000 };
const ANSWER = addressRecord('www.example.com.', 60, '203.0.113.10');

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const server = (port: number) => ({ address: '127.0.0.1', port });

async function udp(onQuery: (socket: Socket, query: Buffer, port: number) => void) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port }) => onQuery(socket, query, port));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(() => socket.close());
  return server(socket.address().port);
}

test('nameservers of a resolv.conf', () => {
  const text =
    '# lab\nsearch lab.example\nnameserver 10.1.0.53\nnameserver\tfd00::53 ; comment\nnameserver x\nnameserver\n';
  expect(nameservers(text)).toEqual([
    { address: '10.1.0.53', port: 53 },
    { address: 'fd00::53', port: 53 },
  ]);
  expect(nameservers('')).toEqual([]);
  expect(nameservers('nameserver 10.0.0.1\n'.repeat(40))).toHaveLength(15);
});

test.each([
  ['10.1.0.53', '10.1.0.53', 53],
  ['10.1.0.53:5353', '10.1.0.53', 5353],
  ['dns://10.1.0.53', '10.1.0.53', 53],
  ['fd00::53', 'fd00::53', 53],
  ['[fd00::53]', 'fd00::53', 53],
  ['[fd00::53]:5353', 'fd00::53', 5353],
])('upstream %s', (text, address, port) => {
  expect(upstreamOf(text)).toEqual({ address, port });
});

describe('exchange', () => {
  test('takes an answer that was cut off over TCP', async () => {
    const upstream = await fakeUpstream((_, proto) =>
      proto === 'udp' ? { truncated: true } : { answers: [ANSWER] },
    );
    closing.push(() => upstream.close());
    const answer = await exchange(server(upstream.port), QUESTION, OPTIONS);
    expect(answer.answers.map(recordText)).toEqual(['www.example.com. 60 IN A 203.0.113.10']);
    expect(upstream.asked).toEqual(['udp www.example.com. A', 'tcp www.example.com. A']);
  });

  test('does not listen to forgeries: other ids, other questions, no answers, no DNS', async () => {
    const at = await udp((socket, bytes, port) => {
      const query = decodeMessage(bytes);
      const answer = { ...query, response: true, edns: undefined, answers: [ANSWER] };
      const forged = [addressRecord('www.example.com.', 60, '10.6.6.6')];
      const other = { ...QUESTION, name: 'www.example.org.' };
      const send = (message: Buffer) => socket.send(message, port, '127.0.0.1');
      send(encodeMessage({ ...answer, id: query.id ^ 1, answers: forged }));
      send(encodeMessage({ ...answer, questions: [other], answers: forged }));
      send(encodeMessage({ ...answer, questions: [], answers: forged }));
      send(encodeMessage({ ...answer, response: false, answers: forged }));
      send(Buffer.from('nonsense'));
      send(encodeMessage(answer));
    });
    const { answers } = await exchange(at, QUESTION, OPTIONS);
    expect(answers.map(recordText)).toEqual(['www.example.com. 60 IN A 203.0.113.10']);
  });

  test('asks from another port and with another id each time', async () => {
    const seen = new Set<string>();
    const at = await udp((socket, bytes, port) => {
      const query = decodeMessage(bytes);
      seen.add(`${port}`).add(`id ${query.id}`);
      socket.send(encodeMessage({ ...query, response: true }), port, '127.0.0.1');
    });
    for (let round = 0; round < 20; round++) await exchange(at, QUESTION, OPTIONS);
    expect(seen.size).toBeGreaterThan(36);
  });

  test('a server that says nothing, and one that is not there', async () => {
    const silent = await udp(() => {});
    await expect(exchange(silent, QUESTION, { ...OPTIONS, timeoutMs: 50 })).rejects.toThrow(
      `udp 127.0.0.1:${silent.port}: i/o timeout`,
    );
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    await expect(exchange(server(port), QUESTION, OPTIONS)).rejects.toThrow('ECONNREFUSED');
    await expect(exchange(server(port), QUESTION, { ...OPTIONS, forceTcp: true })).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  test('a TCP server that closes without an answer', async () => {
    const tcp = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    closing.push(() => tcp.close());
    const { port } = tcp.address() as { port: number };
    await expect(exchange(server(port), QUESTION, { ...OPTIONS, forceTcp: true })).rejects.toThrow(
      'tcp 127.0.0.1',
    );
  });
});
