import { once } from 'node:events';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FrameReader, frame } from '../wire/index.ts';
import { listenTcp, TCP_LIMITS, type TcpLimits } from './tcp.ts';
import type { Answer } from './udp.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function client(answer: Answer, limits: Partial<TcpLimits> = {}) {
  server = await listenTcp({ host: '127.0.0.1', port: 0 }, answer, { ...TCP_LIMITS, ...limits });
  const { port } = server.address() as AddressInfo;
  return () => connect({ port, host: '127.0.0.1' });
}

/** Also after a reset: `once` would take that for a failure. */
const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.on('error', () => {}).on('close', () => resolve()));

const echo: Answer = (bytes) => bytes;

test('a connection on which nothing happens is closed', async () => {
  const open = await client(echo, { idleMs: 50 });
  const socket = open();
  await closed(socket);
});

test('so is one whose message does not come to its end, byte after byte', async () => {
  const open = await client(echo, { idleMs: 120 });
  const socket = open();
  const trickle = setInterval(() => socket.write(Buffer.of(1)), 20);
  await closed(socket);
  clearInterval(trickle);
});

test('more connections than allowed are closed as they come', async () => {
  const open = await client(echo, { connections: 2 });
  const sockets = [open(), open()];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const third = open();
  await closed(third);
  sockets[0]?.end(frame(Buffer.from('still served')));
  const [chunk] = await once(sockets[0] as (typeof sockets)[0], 'data');
  expect(String(chunk)).toContain('still served');
});

test('questions under way are limited, and all are answered in the end, after the asker has closed its side', async () => {
  let underWay = 0;
  let most = 0;
  const slow: Answer = async (bytes) => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
    return bytes;
  };
  const open = await client(slow, { pipelined: 5 });
  const socket = open();
  const questions = Array.from({ length: 200 }, (_, index) => Buffer.from(`question ${index}`));
  socket.end(Buffer.concat(questions.map(frame)));
  const frames = new FrameReader();
  const answers: string[] = [];
  socket.on('data', (chunk) => answers.push(...frames.push(chunk).map(String)));
  await closed(socket);
  expect(answers).toEqual(questions.map(String));
  expect(most).toBe(5);
});

test('an asker that does not take its answers is not read from, and closed in the end', async () => {
  let asked = 0;
  const large = Buffer.alloc(60_000);
  const open = await client(
    () => {
      asked++;
      return large;
    },
    { idleMs: 300 },
  );
  const accepted = once(server as Server, 'connection');
  const socket = open();
  socket.pause().on('error', () => {});
  socket.write(Buffer.concat(Array(5000).fill(frame(Buffer.alloc(20)))));
  const [near] = await accepted;
  await closed(near as Socket);
  // What the sockets' buffers hold, and no more.
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(1000);
  socket.destroy();
});
