import { isWithin, type Question, RCODE } from '../wire/index.ts';
import { answer, type Zone, type ZoneAnswer } from '../zone/index.ts';
import { type Asker, failure, type Reply, type Resolver, reply } from './resolver.ts';

export interface KubernetesOptions {
  readonly zones: readonly string[];
  /** The cluster's names now; undefined until they are known. */
  readonly zone: () => Zone | undefined;
  /** Finds names outside of the cluster, where ExternalNames lead to. */
  readonly lookup: Resolver;
  readonly next: Resolver;
}

/** The `kubernetes` plugin: names of services and pods. */
export function kubernetes({ zones, zone, lookup, next }: KubernetesOptions): Resolver {
  return (question, asker) => {
    if (!zones.some((candidate) => isWithin(question.name, candidate))) return next(question, asker);
    const known = zone();
    // "No such name" would be remembered by the asker; a failure makes it try again.
    if (!known) return failure('plugin/kubernetes: the API has not been read yet');
    const found = answer(question, known);
    if (!found) return next(question, asker);
    if (found.follow === undefined) return fromZone(found);
    return follow(found, { ...question, name: found.follow }, lookup, asker);
  };
}

/** Zones of several server blocks may point at each other. */
const MAX_DEPTH = 8;

const fromZone = ({ rcode, answers, authority, additional }: ZoneAnswer): Reply =>
  reply({ rcode, answers, authority, additional, authoritative: rcode !== RCODE.REFUSED });

/** Adds what the name outside stands for. A server there that fails is a failure here: half an answer reads as "none". */
async function follow(found: ZoneAnswer, question: Question, lookup: Resolver, asker: Asker): Promise<Reply> {
  const depth = (asker.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) return failure(`${question.name} leads in circles`);
  const outside = await lookup(question, { ...asker, depth });
  if (outside.rcode !== RCODE.NOERROR && outside.rcode !== RCODE.NXDOMAIN) {
    return failure(outside.error ?? `looking up ${question.name} failed`);
  }
  return { ...fromZone(found), answers: [...found.answers, ...outside.answers] };
}
