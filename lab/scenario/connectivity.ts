import type { Target } from './access.ts';
import { within } from './clock.ts';
import type { Judgement } from './judge.ts';
import type { Stage } from './stage.ts';
import { renderTable } from './table.ts';
import { shellQuote, typedCommand } from './typed.ts';

export interface From {
  readonly name: string;
  readonly on: Target;
  /** Command that enters another namespace first, e.g. `nsenter -t $(nodectl pid default/frontend-1) -n`. */
  readonly enter?: string;
}

/** A web server that answers with the address it saw: `… sees 192.168.104.115`. */
export interface To {
  readonly name: string;
  /** `192.168.8.250` or `10.1.110.102:8080`. */
  readonly address: string;
}

/** Expectations are recorded first and checked as a set, as Felix's connectivity checker does it. */
export interface Connectivity {
  /** `to` answers, and sees the request come from (one of) `seenAs`. */
  some(from: From, to: To, seenAs: string | readonly string[]): void;
  /** `to` does not answer. */
  none(from: From, to: To): void;
  /** A step: asks every pair once and shows the table of who saw whom as whom. */
  check(sentence: string): Promise<void>;
}

interface Expectation {
  readonly from: From;
  readonly to: To;
  /** Empty: no answer. */
  readonly seenAs: readonly string[];
}

const EACH_S = 3;

export function connectivity(stage: Stage): Connectivity {
  const expectations: Expectation[] = [];
  const own = {};
  const expect = (expectation: Expectation): void => {
    expectations.push(expectation);
    const { from, to } = expectation;
    stage.owe(own, `connectivity from ${from.name} to ${to.name} (${expectations.length} expectations)`);
  };
  return {
    some: (from, to, seenAs) => expect({ from, to, seenAs: typeof seenAs === 'string' ? [seenAs] : seenAs }),
    none: (from, to) => expect({ from, to, seenAs: [] }),
    async check(sentence) {
      stage.settle(own);
      const sources = [...new Map(expectations.map(({ from }) => [from.name, from])).values()];
      const asked = sources.map((from) => ({
        from,
        run: askAll(
          from,
          expectations.filter((one) => one.from.name === from.name).map(({ to }) => to),
        ),
      }));
      const typed = asked.map(({ from, run }) => typedCommand(from.on, run)).join('\n');
      await stage.perform({ kind: 'connectivity', sentence, run: typed, typed }, async () => {
        const answers = new Map<string, string>();
        await Promise.all(
          asked.map(async ({ from, run }) => {
            const timeoutMs = (EACH_S + 1) * 1_000 * expectations.length;
            const work = stage.access.exec(from.on, run, { timeoutMs });
            const { stdout } = await within(stage.clock, timeoutMs, `${from.name} asked everyone`, work);
            for (const [address, seenAs] of parseAnswers(stdout))
              answers.set(`${from.name} ${address}`, seenAs);
          }),
        );
        const seenAs = (from: From, to: To): string => answers.get(`${from.name} ${to.address}`) ?? '-';
        const seen = { stdout: `${matrix(expectations, seenAs)}\n`, stderr: '' };
        return { seen, judgement: judgeAll(expectations, seenAs) };
      });
    },
  };
}

/** The command that asks every destination at once from one source: where packets are dropped, each takes its 3 s. */
export function askAll(from: From, to: readonly To[]): string {
  const list = to.map(({ address }) => address).join(' ');
  const loop = `for to in ${list}; do echo "$to: $(curl -s --max-time ${EACH_S} http://$to/ || echo no answer)" & done; wait`;
  return from.enter === undefined ? loop : `${from.enter} sh -c ${shellQuote(loop)}`;
}

/** Address asked → address that the server saw, `-` for no answer. */
export function parseAnswers(stdout: string): Map<string, string> {
  const answers = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const found = /^([\d.]+(?::\d+)?): (.*)$/.exec(line.trim());
    if (!found) continue;
    answers.set(found[1] ?? '', /\bsees ([\d.]*\d)/.exec(found[2] ?? '')?.[1] ?? '-');
  }
  return answers;
}

function matrix(expectations: readonly Expectation[], seenAs: (from: From, to: To) => string): string {
  const froms = [...new Map(expectations.map(({ from }) => [from.name, from])).values()];
  const tos = [...new Map(expectations.map(({ to }) => [to.address, to])).values()];
  const asked = new Set(expectations.map(({ from, to }) => `${from.name} ${to.address}`));
  return renderTable([
    ['from \\ to', ...tos.map(({ name }) => name)],
    ...froms.map((from) => [
      from.name,
      ...tos.map((to) => (asked.has(`${from.name} ${to.address}`) ? seenAs(from, to) : '')),
    ]),
  ]);
}

function judgeAll(expectations: readonly Expectation[], seenAs: (from: From, to: To) => string): Judgement {
  const wrong = expectations.filter(({ from, to, seenAs: wanted }) => {
    const got = seenAs(from, to);
    return wanted.length === 0 ? got !== '-' : !wanted.includes(got);
  });
  if (wrong.length === 0) {
    return { held: true, expected: [`all ${expectations.length} pairs as expected`], marked: [] };
  }
  const text = (address: string): string => (address === '-' ? 'no answer' : `seen as ${address}`);
  return {
    held: false,
    expected: expectations.map(
      ({ from, to, seenAs: wanted }) => `${from.name} -> ${to.name}: ${text(wanted.join(' or ') || '-')}`,
    ),
    marked: [],
    why: wrong
      .map(
        ({ from, to, seenAs: wanted }) =>
          `${from.name} -> ${to.name}: expected ${text(wanted.join(' or ') || '-')}, observed ${text(seenAs(from, to))}`,
      )
      .join('\n'),
  };
}
