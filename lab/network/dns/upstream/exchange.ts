import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import {
  decodeMessage,
  encodeMessage,
  FrameReader,
  frame,
  type Message,
  OPCODE_QUERY,
  type Question,
  sameQuestion,
} from '../wire/index.ts';
import type { Upstream } from './resolv-conf.ts';

/** What UDP answers we take: DNS Flag Day 2020's size, which is not fragmented anywhere. */
const PAYLOAD_SIZE = 1232;

export interface ExchangeOptions {
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  readonly dnssecOk: boolean;
  readonly timeoutMs: number;
  readonly forceTcp?: boolean;
}

/**
 * Asks a name server: over UDP, and again over TCP when the answer was cut off (RFC 7766 §5). Every question has a new
 * socket, so a forger must guess both the port and the id (RFC 5452); what does not match both and the question is not
 * listened to.
 *
 * @throws Error when there is no valid answer in time, or the server cannot be reached
 */
export async function exchange(
  server: Upstream,
  question: Question,
  options: ExchangeOptions,
): Promise<Message> {
  if (options.forceTcp) return overTcp(server, question, options);
  const answer = await overUdp(server, question, options);
  return answer.truncated ? overTcp(server, question, options) : answer;
}

function query(
  question: Question,
  { recursionDesired, checkingDisabled, dnssecOk }: ExchangeOptions,
): Message {
  return {
    id: randomInt(0x10000),
    response: false,
    opcode: OPCODE_QUERY,
    authoritative: false,
    truncated: false,
    recursionDesired,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled,
    rcode: 0,
    questions: [question],
    answers: [],
    authority: [],
    additional: [],
    edns: { payloadSize: PAYLOAD_SIZE, version: 0, dnssecOk },
  };
}

/** The answer to a question in these bytes, or undefined. */
function answerTo(asked: Message, bytes: Buffer): Message | undefined {
  let answer: Message;
  try {
    answer = decodeMessage(bytes);
  } catch {
    return undefined;
  }
  const [question] = asked.questions;
  const [echoed] = answer.questions;
  const fits = question && echoed && sameQuestion(question, echoed);
  return answer.response && answer.id === asked.id && fits ? answer : undefined;
}

const describe = ({ address, port }: Upstream) =>
  isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;

function overUdp(server: Upstream, question: Question, options: ExchangeOptions): Promise<Message> {
  const asked = query(question, options);
  const bytes = encodeMessage(asked);
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const finish = (go: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      go();
    };
    const fail = (error: Error) =>
      finish(() => reject(new Error(`udp ${describe(server)}: ${error.message}`)));
    const timer = setTimeout(() => fail(new Error('i/o timeout')), options.timeoutMs);
    socket.on('error', fail);
    socket.on('message', (message) => {
      const answer = answerTo(asked, message);
      if (answer) finish(() => resolve(answer));
    });
    // Connected, so that the kernel drops datagrams of others and tells of a port that is closed.
    socket.connect(server.port, server.address, () => {
      socket.send(bytes, (error) => error && fail(error));
    });
  });
}

function overTcp(server: Upstream, question: Question, options: ExchangeOptions): Promise<Message> {
  const asked = query(question, options);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port });
    const frames = new FrameReader();
    const finish = (go: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.destroy();
      go();
    };
    const fail = (error: Error) =>
      finish(() => reject(new Error(`tcp ${describe(server)}: ${error.message}`)));
    const timer = setTimeout(() => fail(new Error('i/o timeout')), options.timeoutMs);
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('connection closed before the answer')));
    socket.on('connect', () => socket.write(frame(encodeMessage(asked))));
    socket.on('data', (chunk) => {
      for (const message of frames.push(chunk)) {
        const answer = answerTo(asked, message);
        if (answer) return finish(() => resolve(answer));
      }
    });
  });
}
