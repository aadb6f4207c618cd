/** A mistake in a file, with its place. */
export interface Problem {
  /** The file as the user named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** Where in the document, e.g. `cluster.serviceCIDR`; empty for the whole of it. */
  readonly path: string;
  /** What is wrong, with the offending value. */
  readonly message: string;
  readonly rule: string;
  /** What would be right. */
  readonly right: string;
  /** The line of the source, when showing it helps. */
  readonly source?: string | undefined;
  /** How many characters of it are at fault. */
  readonly length?: number | undefined;
}

/** Columns of source shown before a line is cut. */
const WIDTH = 100;

function excerpt(problem: Problem): string[] {
  if (problem.source === undefined || problem.source.trim() === '') return [];
  // A tab is shown as one blank, so that the caret stands where the fault is.
  let line = problem.source.replace(/\t/g, ' ').trimEnd();
  let start = problem.column - 1;
  let length = Math.max(1, Math.min(problem.length ?? 1, line.length - start));
  if (line.length > WIDTH) {
    const from = Math.max(0, Math.min(start - 20, line.length - WIDTH));
    line = `${from > 0 ? '...' : ''}${line.slice(from, from + WIDTH)}${from + WIDTH < line.length ? '...' : ''}`;
    start = start - from + (from > 0 ? 3 : 0);
    length = Math.min(length, line.length - start);
  }
  const number = String(problem.line).padStart(5);
  return [`${number} | ${line}`, `${' '.repeat(5)} | ${' '.repeat(start)}${'^'.repeat(Math.max(1, length))}`];
}

/**
 * By place: the order in which a reader meets them. The first file named stays first. Through an alias the same
 * mistake may be met twice; it is told once.
 */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.file))];
  const told = new Set<string>();
  const once = problems.filter(({ file, line, column, message }) => {
    const before = told.size;
    return told.add(`${file}:${line}:${column}:${message}`).size > before;
  });
  return once.sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

/**
 * Problems as text: `file:line:column: path: message`, the line with a caret under the fault, the rule that is
 * broken, and what would be right. Each problem is one paragraph; the text ends with a line break.
 */
export function renderProblems(problems: readonly Problem[]): string {
  const paragraphs = problems.map((problem) => {
    const place = `${problem.file}:${problem.line}:${problem.column}: ${problem.path ? `${problem.path}: ` : ''}`;
    return [
      `${place}${problem.message}`,
      ...excerpt(problem),
      `  rule:  ${problem.rule}`,
      `  right: ${problem.right}`,
    ].join('\n');
  });
  return paragraphs.length === 0 ? '' : `${paragraphs.join('\n\n')}\n`;
}
