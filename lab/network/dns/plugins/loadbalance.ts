import { type ResourceRecord, TYPE } from '../wire/index.ts';
import { type Resolver, withReply } from './resolver.ts';

const SHUFFLED: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.MX]);

/**
 * The `loadbalance` plugin, whose only policy is called round_robin and is a shuffle: askers mostly take the first
 * address. CNAMEs stay in front, in order, because simple resolvers read a chain from top to bottom.
 *
 * @param random like Math.random
 */
export function loadbalance(next: Resolver, random: () => number = Math.random): Resolver {
  return (question, asker) =>
    withReply(next(question, asker), (reply) =>
      reply.answers.length < 2 ? reply : { ...reply, answers: shuffled(reply.answers, random) },
    );
}

function shuffled(records: readonly ResourceRecord[], random: () => number): ResourceRecord[] {
  const mixed = records.filter(({ type }) => SHUFFLED.has(type));
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [mixed[index], mixed[other]] = [mixed[other] as ResourceRecord, mixed[index] as ResourceRecord];
  }
  const cnames = records.filter(({ type }) => type === TYPE.CNAME);
  const others = records.filter(({ type }) => type !== TYPE.CNAME && !SHUFFLED.has(type));
  return [...cnames, ...others, ...mixed];
}
