import type { ExchangeOptions, Upstream } from '../upstream/index.ts';
import { isWithin, type Message, type Question, RCODE, rcodeName } from '../wire/index.ts';
import { type Asker, failure, type Reply, type Resolver, reply } from './resolver.ts';

export interface ForwardOptions {
  /** Names within it are handed on. */
  readonly from: string;
  /** Addresses, or paths of resolv.conf files. */
  readonly to: readonly string[];
  /** Names within these are not. */
  readonly except: readonly string[];
  /** Questions under way at most; 0: {@link CONCURRENT}. */
  readonly maxConcurrent: number;
  readonly policy: 'random' | 'round_robin' | 'sequential';
  readonly forceTcp: boolean;
}

export interface ForwardMetrics {
  asked(to: string, rcode: string | undefined, seconds: number): void;
}

export interface ForwardDeps {
  readonly upstreams: readonly Upstream[];
  readonly exchange: (to: Upstream, question: Question, options: ExchangeOptions) => Promise<Message>;
  readonly random?: () => number;
  readonly metrics?: ForwardMetrics | undefined;
}

/** Every question under way holds a socket, so there is a limit even where the Corefile names none. */
const CONCURRENT = 1000;
const TRY_MS = 2000;
/** Just below glibc's 5 s, after which the asker would ask again. */
const DEADLINE_MS = 4500;

/**
 * The `forward` plugin: hands questions to other servers, the next one when one does not answer. All of them are tried
 * before the asker hears SERVFAIL, and a single one is asked twice, since UDP loses packets.
 */
export function forward(options: ForwardOptions, deps: ForwardDeps, next: Resolver): Resolver {
  const { upstreams, random = Math.random } = deps;
  const limit = options.maxConcurrent || CONCURRENT;
  let underWay = 0;
  let turn = 0;

  const inOrder = (): readonly Upstream[] => {
    if (options.policy === 'sequential') return upstreams;
    const first =
      options.policy === 'round_robin' ? turn++ % upstreams.length : Math.floor(random() * upstreams.length);
    return [...upstreams.slice(first), ...upstreams.slice(0, first)];
  };

  async function ask(question: Question, asker: Asker): Promise<Reply> {
    const { recursionDesired, checkingDisabled, dnssecOk } = asker;
    const deadline = performance.now() + DEADLINE_MS;
    const order = inOrder();
    let last = 'no answer';
    for (const upstream of order.length > 1 ? order : [...order, ...order]) {
      const started = performance.now();
      const timeoutMs = Math.min(TRY_MS, deadline - started);
      if (timeoutMs <= 0) break;
      const to = `${upstream.address}:${upstream.port}`;
      const seconds = () => (performance.now() - started) / 1000;
      try {
        const query = { recursionDesired, checkingDisabled, dnssecOk, timeoutMs, forceTcp: options.forceTcp };
        const answer = await deps.exchange(upstream, question, query);
        deps.metrics?.asked(to, rcodeName(answer.rcode), seconds());
        return fromMessage(answer);
      } catch (error) {
        deps.metrics?.asked(to, undefined, seconds());
        last = (error as Error).message;
      }
    }
    return failure(last);
  }

  return (question, asker) => {
    const { name } = question;
    if (!isWithin(name, options.from) || options.except.some((zone) => isWithin(name, zone))) {
      return next(question, asker);
    }
    if (upstreams.length === 0) return failure('plugin/forward: no upstream server is configured');
    if (underWay >= limit) {
      return failure(`concurrent queries exceeded maximum ${limit}`, RCODE.REFUSED);
    }
    underWay++;
    return ask(question, asker).finally(() => {
      underWay--;
    });
  };
}

const fromMessage = (answer: Message): Reply =>
  reply({
    rcode: answer.rcode,
    authoritative: answer.authoritative,
    recursionAvailable: answer.recursionAvailable,
    authenticData: answer.authenticData,
    answers: answer.answers,
    authority: answer.authority,
    additional: answer.additional,
    cacheable: true,
  });
