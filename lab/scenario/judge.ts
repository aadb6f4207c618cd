import { sideBySide } from './diff.ts';
import { exitCode, type Matcher, type Observation, screen } from './match.ts';

export interface Judgement {
  readonly held: boolean;
  readonly expected: readonly string[];
  readonly marked: readonly number[];
  /** One line per expectation that did not hold. */
  readonly why?: string;
}

/**
 * Judges an observation by all its matchers. Unless one of them judges the exit code, a command that has ended must
 * have ended with 0: what is seen in the output of a failed command proves nothing.
 */
export function judge(seen: Observation, matchers: readonly Matcher[], wantsCode = true): Judgement {
  const all =
    wantsCode && !matchers.some((matcher) => matcher.judgesCode) ? [...matchers, exitCode(0)] : [...matchers];
  const marked: number[] = [];
  const whys: string[] = [];
  for (const matcher of all) {
    const verdict = matcher.match(seen);
    if (verdict.held) marked.push(...verdict.lines);
    else whys.push(`${oneLine(matcher.expected)}: ${verdict.why}`);
  }
  const expected = matchers.map((matcher) => matcher.expected);
  if (whys.length === 0) return { held: true, expected, marked: [...new Set(marked)].sort((a, b) => a - b) };
  return { held: false, expected: all.map((matcher) => matcher.expected), marked, why: whys.join('\n') };
}

/** The text of a failed judgement: the command, expected and observed, and why. */
export function explain(typed: string, seen: Observation, judgement: Judgement): string {
  const code = seen.code === undefined ? '' : `\n[exit code ${seen.code}]`;
  return [
    `$ ${typed}`,
    sideBySide(judgement.expected.join('\n'), `${screen(seen).replace(/\n+$/, '')}${code}`.trim()),
    ...(judgement.why ?? '').split('\n').map((line) => `  ✗ ${line}`),
  ].join('\n');
}

function oneLine(text: string): string {
  const first = text.split('\n');
  return first.length > 1 ? `${first[0]} …` : text;
}
