import { Listeners } from '../server/index.ts';
import { decodeMessage, encodeMessage, type Message, PLAIN_UDP_BYTES, typeName } from '../wire/index.ts';
import type { FakeUpstream } from './fake-dns.ts';

/**
 * A name server on loopback.
 *
 * @param answer what to say; undefined is silence
 */
export async function fakeUpstream(
  answer: (query: Message, proto: 'udp' | 'tcp') => Partial<Message> | undefined,
): Promise<FakeUpstream> {
  const asked: string[] = [];
  const at = { host: '127.0.0.1', port: 0 };
  const listeners = new Listeners((_, proto, bytes) => {
    const query = decodeMessage(bytes);
    const [question] = query.questions;
    asked.push(`${proto} ${question?.name} ${typeName(question?.type ?? 0)}`);
    const said = answer(query, proto);
    if (!said) return undefined;
    const message = { ...query, response: true, recursionAvailable: true, edns: undefined, ...said };
    return encodeMessage(message, proto === 'udp' ? PLAIN_UDP_BYTES : undefined);
  });
  await listeners.apply([at]);
  return { port: listeners.port(at) ?? 0, asked, close: () => listeners.close() };
}
