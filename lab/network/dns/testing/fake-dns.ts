import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decodeMessage, encodeMessage, FrameReader, frame, type Message, TYPE } from '../wire/index.ts';

/** A query with defaults. */
export const queryFor = (
  name: string,
  type: keyof typeof TYPE = 'A',
  more: Partial<Message> = {},
): Message => ({
  id: 4711,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name, type: TYPE[type], class: 1 }],
  answers: [],
  authority: [],
  additional: [],
  ...more,
});

const DEADLINE_MS = 5000;

/** Sends one datagram and takes one. @returns undefined when nothing comes within `ms` */
export function rawUdp(port: number, bytes: Buffer, ms = DEADLINE_MS): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => done(undefined), ms);
    const done = (answer: Buffer | undefined) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    socket.on('message', done);
    socket.on('error', reject);
    socket.send(bytes, port, '127.0.0.1');
  });
}

export async function overUdp(port: number, query: Message): Promise<Message> {
  const answer = await rawUdp(port, encodeMessage(query));
  if (!answer) throw new Error('no answer');
  return decodeMessage(answer);
}

/** Sends bytes in these pieces on one connection, and waits for so many messages. */
export function rawTcp(port: number, pieces: readonly Buffer[], wanted: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const frames = new FrameReader();
    const messages: Buffer[] = [];
    const timer = setTimeout(
      () => socket.destroy(new Error(`${messages.length} of ${wanted} messages`)),
      DEADLINE_MS,
    );
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(messages);
    });
    socket.on('connect', () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.on('data', (chunk) => {
      messages.push(...frames.push(chunk));
      if (messages.length >= wanted) socket.end();
    });
  });
}

export async function overTcp(port: number, queries: readonly Message[]): Promise<Message[]> {
  const bytes = queries.map((query) => frame(encodeMessage(query)));
  return (await rawTcp(port, [Buffer.concat(bytes)], queries.length)).map(decodeMessage);
}

export interface FakeUpstream {
  readonly port: number;
  /** Questions taken, as `udp www.example.com. A`. */
  readonly asked: string[];
  close(): Promise<void>;
}
