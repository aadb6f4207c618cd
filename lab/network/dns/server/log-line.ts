import { isIPv6 } from 'node:net';
import type { LogClass } from '../corefile/index.ts';
import { className, type Message, PLAIN_UDP_BYTES, rcodeName, typeName } from '../wire/index.ts';

export interface Remote {
  readonly address: string;
  readonly port: number;
}

export interface Logged {
  readonly request: Message;
  readonly response: Message;
  readonly proto: 'udp' | 'tcp';
  readonly remote: Remote;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly seconds: number;
}

const FLAGS = [
  ['response', 'qr'],
  ['authoritative', 'aa'],
  ['truncated', 'tc'],
  ['recursionDesired', 'rd'],
  ['recursionAvailable', 'ra'],
  ['authenticData', 'ad'],
  ['checkingDisabled', 'cd'],
] as const;

/**
 * A line of CoreDNS's `log` plugin, in its common format:
 * `10.1.0.89:40212 - 22345 "A IN kubernetes.default.svc.cluster.local. udp 54 false 512" NOERROR qr,aa,rd 106 0.000142000s`
 */
export function logLine(entry: Logged): string {
  const { request, response, remote, proto } = entry;
  const [question] = request.questions;
  const address = isIPv6(remote.address) ? `[${remote.address}]` : remote.address;
  const asked = [
    typeName(question?.type ?? 0),
    className(question?.class ?? 0),
    question?.name ?? '.',
    proto,
    entry.requestBytes,
    request.edns?.dnssecOk ?? false,
    // TCP has room for 64 KB, whatever is asked for.
    proto === 'tcp' ? 65_535 : (request.edns?.payloadSize ?? PLAIN_UDP_BYTES),
  ];
  const flags = FLAGS.filter(([field]) => response[field]).map(([, name]) => name);
  const answered = [
    rcodeName(response.rcode),
    flags.join(','),
    entry.responseBytes,
    `${entry.seconds.toFixed(9)}s`,
  ];
  return `${address}:${remote.port} - ${request.id} "${asked.join(' ')}" ${answered.join(' ')}`;
}

/** The class of an answer: "no such name" and "no such record" are denials. */
export function classOf({ rcode, answers }: Message): LogClass {
  const name = rcodeName(rcode);
  if (name === 'NXDOMAIN') return 'denial';
  if (name !== 'NOERROR') return 'error';
  return answers.length > 0 ? 'success' : 'denial';
}
