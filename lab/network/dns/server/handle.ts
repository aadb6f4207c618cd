import { performance } from 'node:perf_hooks';
import { type Asker, failure, type Reply, type Resolver } from '../plugins/index.ts';
import {
  CLASS,
  decodeHeader,
  decodeMessage,
  encodeMessage,
  type Header,
  isWithin,
  MAX_MESSAGE_BYTES,
  type Message,
  OPCODE_QUERY,
  PLAIN_UDP_BYTES,
  type Question,
  RCODE,
} from '../wire/index.ts';
import type { Logged, Remote } from './log-line.ts';

export type Proto = 'udp' | 'tcp';

/** A server block that is in force. */
export interface Serving {
  readonly zones: readonly string[];
  readonly resolve: Resolver;
}

/** What is told about every question that could be read. */
export interface Handled extends Logged {
  readonly serving: Serving | undefined;
  /** Zone of the server block, or `dropped`. */
  readonly zone: string;
  readonly error?: string | undefined;
}

export interface HandleOptions {
  readonly servings: readonly Serving[];
  readonly proto: Proto;
  readonly remote: Remote;
  /** e.g. `dns://:53`. */
  readonly server: string;
  readonly onHandled: (handled: Handled) => void;
  /** A plugin threw: a mistake in this program. */
  readonly onPanic: (error: unknown) => void;
}

/** What we tell askers that we take: not fragmented on any path (DNS Flag Day 2020). */
const PAYLOAD_SIZE = 1232;
/** An asker may want more; beyond this, TCP is better than fragments. */
const MAX_UDP_BYTES = 4096;

/**
 * Answers a message of the wire.
 *
 * @returns the answer; undefined for what must not be answered: too short for a header, or itself an answer
 */
export function handle(bytes: Buffer, options: HandleOptions): Buffer | undefined | Promise<Buffer> {
  const started = performance.now();
  const header = decodeHeader(bytes);
  if (!header || header.response) return undefined;
  if (header.opcode !== OPCODE_QUERY) return bare(header, RCODE.NOTIMP);
  const request = readQuery(bytes, header);
  const question = request?.questions[0];
  if (!request || !question) return bare(header, RCODE.FORMERR);

  const serving = servingOf(question, options.servings);
  const finish = (reply: Reply): Buffer => {
    const { response, encoded } = encodeReply(request, reply, options);
    options.onHandled({
      request,
      response,
      proto: options.proto,
      remote: options.remote,
      requestBytes: bytes.length,
      responseBytes: encoded.length,
      seconds: (performance.now() - started) / 1000,
      serving,
      zone: serving ? zoneOf(question, serving) : 'dropped',
      error: reply.error,
    });
    return encoded;
  };
  const panic = (error: unknown): Reply => {
    options.onPanic(error);
    return failure('internal error');
  };

  const refusal = refused(request, question, serving);
  if (refusal !== undefined || !serving) return finish(failureless(refusal ?? RCODE.REFUSED));
  const asker: Asker = {
    recursionDesired: request.recursionDesired,
    checkingDisabled: request.checkingDisabled,
    dnssecOk: request.edns?.dnssecOk ?? false,
    server: options.server,
  };
  let result: Reply | Promise<Reply>;
  try {
    result = serving.resolve(question, asker);
  } catch (error) {
    result = panic(error);
  }
  return result instanceof Promise ? result.catch(panic).then(finish) : finish(result);
}

/** Undefined for a format error. What a query may carry besides its question is little: OPT and TSIG. */
function readQuery(bytes: Buffer, { counts }: Header): Message | undefined {
  const { questions, answers, authority, additional } = counts;
  if (questions !== 1 || answers > 1 || authority > 1 || additional > 2) return undefined;
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined;
  }
}

function refused({ edns }: Message, question: Question, serving: Serving | undefined): number | undefined {
  if (edns && edns.version !== 0) return RCODE.BADVERS;
  return question.class !== CLASS.IN || !serving ? RCODE.REFUSED : undefined;
}

const failureless = (rcode: number): Reply => {
  const { error: _none, ...reply } = failure('', rcode);
  return reply;
};

const zoneOf = ({ name }: Question, { zones }: Serving): string =>
  zones.filter((zone) => isWithin(name, zone)).sort((a, b) => b.length - a.length)[0] ?? '.';

/** The block with the longest zone that the name is in. */
export function servingOf(question: Question, servings: readonly Serving[]): Serving | undefined {
  let best: { readonly serving: Serving; readonly length: number } | undefined;
  for (const serving of servings) {
    for (const zone of serving.zones) {
      if (isWithin(question.name, zone) && zone.length > (best?.length ?? 0))
        best = { serving, length: zone.length };
    }
  }
  return best?.serving;
}

function encodeReply(request: Message, reply: Reply, { proto, onPanic }: HandleOptions) {
  const response = toMessage(request, reply);
  const wanted = request.edns?.payloadSize ?? PLAIN_UDP_BYTES;
  const udp = Math.min(Math.max(wanted, PLAIN_UDP_BYTES), MAX_UDP_BYTES);
  const limit = proto === 'tcp' ? MAX_MESSAGE_BYTES : udp;
  try {
    return { response, encoded: encodeMessage(response, limit) };
  } catch (error) {
    // An object of the API with a name that cannot be a domain's, e.g. an ExternalName with a label of 64 letters.
    onPanic(error);
    const failed = toMessage(request, failure('answer cannot be written'));
    return { response: failed, encoded: encodeMessage(failed, limit) };
  }
}

function toMessage(request: Message, reply: Reply): Message {
  const { rcode, authoritative, recursionAvailable, authenticData } = reply;
  const { answers, authority, additional } = reply;
  const dnssecOk = request.edns?.dnssecOk ?? false;
  return {
    id: request.id,
    response: true,
    opcode: OPCODE_QUERY,
    authoritative,
    truncated: false,
    recursionDesired: request.recursionDesired,
    recursionAvailable,
    authenticData,
    checkingDisabled: request.checkingDisabled,
    rcode,
    questions: request.questions,
    answers,
    authority,
    additional,
    ...(request.edns && { edns: { payloadSize: PAYLOAD_SIZE, version: 0, dnssecOk } }),
  };
}

/** A header and nothing else: never longer than what it answers. */
function bare(header: Header, rcode: number): Buffer {
  const flags = 0x8000 | (header.opcode << 11) | (header.recursionDesired ? 0x0100 : 0) | rcode;
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(header.id, 0);
  bytes.writeUInt16BE(flags, 2);
  return bytes;
}
