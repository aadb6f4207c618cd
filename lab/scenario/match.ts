import { parseTable } from './table.ts';

/** What a command did, as far as a learner can see it. */
export interface Observation {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined while the command still runs. */
  readonly code?: number | undefined;
}

export type Verdict =
  /** `lines`: the lines of {@link screen} in which it was seen, from 0. */
  { readonly held: true; readonly lines: readonly number[] } | { readonly held: false; readonly why: string };

/** One thing that must be seen. */
export interface Matcher {
  /** For people: `a line with "proto bird"`. */
  readonly expected: string;
  /** True for a matcher that judges the exit code, so that the step does not ask for 0 itself. */
  readonly judgesCode?: boolean;
  match(seen: Observation): Verdict;
}

/** Output as on a terminal: stdout, then what went to stderr. */
export function screen(seen: Observation): string {
  if (seen.stderr === '') return seen.stdout;
  if (seen.stdout === '') return seen.stderr;
  return seen.stdout.endsWith('\n') ? seen.stdout + seen.stderr : `${seen.stdout}\n${seen.stderr}`;
}

const held = (lines: readonly number[] = []): Verdict => ({ held: true, lines });
const failed = (why: string): Verdict => ({ held: false, why });

/** Lines without blanks at their ends; blank lines at the end of the text are no lines. */
function tidyLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
  return lines;
}

function linesBetween(text: string, start: number, end: number): number[] {
  const first = text.slice(0, start).split('\n').length - 1;
  const last = text.slice(0, Math.max(start, end - 1)).split('\n').length - 1;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The screen has this text. */
export function contains(text: string): Matcher {
  return {
    expected: `"${text}"`,
    match(seen) {
      const all = screen(seen);
      const at = all.indexOf(text);
      return at < 0 ? failed('it is not there') : held(linesBetween(all, at, at + text.length));
    },
  };
}

/** The screen matches; `^` and `$` mean ends of lines. `name` says in words what the expression stands for. */
export function matches(pattern: RegExp, name?: string): Matcher {
  const multiline = new RegExp(pattern.source, `${pattern.flags.replace(/[mgy]/g, '')}m`);
  return {
    expected: name ?? `/${pattern.source}/`,
    match(seen) {
      const all = screen(seen);
      const found = multiline.exec(all);
      if (!found) return failed(`nothing matches /${pattern.source}/`);
      return held(linesBetween(all, found.index, found.index + found[0].length));
    },
  };
}

/** stdout is this text and nothing else (blanks at line ends and empty lines at the end do not count). */
export function equals(text: string): Matcher {
  const wanted = tidyLines(text);
  return {
    expected: wanted.length === 0 ? 'nothing at all' : wanted.join('\n'),
    match(seen) {
      const got = tidyLines(seen.stdout);
      const same = got.length === wanted.length && got.every((line, index) => line === wanted[index]);
      return same ? held(got.map((_, index) => index)) : failed('the output differs');
    },
  };
}

/** stdout has each of these lines, in any order, among others. A line is compared without blanks at its ends. */
export function lines(...wanted: readonly string[]): Matcher {
  return {
    expected: wanted.join('\n'),
    match(seen) {
      const got = tidyLines(seen.stdout).map((line) => line.trim());
      const missing = wanted.filter((line) => !got.includes(line.trim()));
      if (missing.length > 0) return failed(`missing: ${missing.map((line) => `"${line}"`).join(', ')}`);
      return held(wanted.map((line) => got.indexOf(line.trim())));
    },
  };
}

/** Cells by column title; a column that is not named does not matter. */
export type Row = Readonly<Record<string, string | RegExp>>;

/**
 * stdout is a table with a line of titles (`route -n`, `birdc show protocols`) and has each of these rows.
 * @param wanted rows, in any order, among others
 */
export function rows(...wanted: readonly Row[]): Matcher {
  const text = (row: Row): string =>
    Object.entries(row)
      .map(([title, cell]) => `${title} ${cell instanceof RegExp ? cell.source : cell}`)
      .join(', ');
  return {
    expected: wanted.map((row) => `a row with ${text(row)}`).join('\n'),
    match(seen) {
      const titles = [...new Set(wanted.flatMap((row) => Object.keys(row)))];
      const table = parseTable(seen.stdout, titles);
      if (!table) return failed(`no line with the titles ${titles.join(', ')}`);
      const found: number[] = [];
      for (const row of wanted) {
        const hit = table.find(({ cells }) =>
          Object.entries(row).every(([title, cell]) =>
            cell instanceof RegExp ? cell.test(cells[title] ?? '') : cells[title] === cell,
          ),
        );
        if (!hit) return failed(`no row with ${text(row)}`);
        found.push(hit.line);
      }
      return held(found);
    },
  };
}

/** The other matcher does not hold. */
export function not(matcher: Matcher): Matcher {
  return {
    expected: `not: ${matcher.expected}`,
    match(seen) {
      const verdict = matcher.match(seen);
      if (!verdict.held) return held();
      const at = screen(seen).split('\n')[verdict.lines[0] ?? 0] ?? '';
      return failed(`it is there: ${at.trim()}`);
    },
  };
}

/** The command ends with this code; without this matcher a step wants 0. */
export function exitCode(code: number): Matcher {
  return {
    expected: `exit code ${code}`,
    judgesCode: true,
    match: (seen) => (seen.code === code ? held() : failed(`exit code ${seen.code ?? '(still running)'}`)),
  };
}

/**
 * A check of one's own.
 * @param name what must be seen, in words
 * @param check true or undefined when it holds; otherwise why not
 */
export function holds(
  name: string,
  check: (seen: Observation) => boolean | string | undefined,
  judgesCode = false,
): Matcher {
  return {
    expected: name,
    judgesCode,
    match(seen) {
      const answer = check(seen);
      if (answer === true || answer === undefined) return held();
      return failed(answer === false ? 'it does not hold' : answer);
    },
  };
}
