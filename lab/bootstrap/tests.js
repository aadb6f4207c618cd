import { stripVTControlCharacters } from 'node:util';

/**
 * What `npm test` runs, in turn; of each side all at once. The tests of the host come first and alone: they compare its interfaces
 * and namespaces before and after. Then the tests of single programs run beside those of labs, which mostly wait.
 *
 * @param {readonly string[]} args of the user: one plain run with them
 * @returns {string[][][]} arguments of `vitest run`
 */
export function testRuns(args) {
  if (args.length > 0) return [[[...args]]];
  const projects = (...names) => names.flatMap((name) => ['--project', name]);
  return [[projects('unit', 'host')], [projects('lab'), projects('programs')]];
}

/**
 * @param {readonly ({numPassedTests: number, numFailedTests: number, numPendingTests: number} | undefined)[]} runs what Vitest's
 *   JSON reporter wrote for each run; undefined for one that ended without
 * @returns {string} one line with the sum of all
 */
export function total(runs) {
  const sum = (name) => runs.reduce((all, run) => all + (run?.[name] ?? 0), 0);
  const lost = runs.filter((run) => run === undefined).length;
  const skipped = sum('numPendingTests');
  return [
    `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(lost > 0 ? [`${lost} run(s) ended without a result`] : []),
  ].join(', ');
}

/**
 * What the last screen must tell, since the runs' own reports are far above it: each test that failed with the beginning and the
 * end of its message, each file that failed as a whole (in a hook: its tests count as not run), and each test that held at its
 * second try only.
 *
 * @param {readonly ({testResults?: readonly {name: string, status: string, message: string, assertionResults: readonly {fullName:
 *   string, status: string, failureMessages: readonly string[]}[]}[]} | undefined)[]} runs what Vitest's JSON reporter wrote
 * @param {string} root of the repository, absolute: files are named from there
 * @returns {string[]} lines; none where there is nothing to tell
 */
export function findings(runs, root) {
  const files = runs.flatMap((run) => run?.testResults ?? []);
  const lines = [];
  for (const { name, status, message, assertionResults } of files) {
    const file = name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
    for (const test of assertionResults) {
      const title = `${file} > ${test.fullName}`;
      if (test.status === 'failed')
        lines.push(`failed: ${title}`, ...excerpt(test.failureMessages.join('\n')));
      else if (test.failureMessages.length > 0)
        lines.push(`held at the second try: ${title}`, ...excerpt(test.failureMessages[0], 3));
    }
    if (status === 'failed' && message) lines.push(`failed: ${file}`, ...excerpt(message));
  }
  return lines;
}

/** The first lines say what was expected, the last of a scenario's story what was seen; both are kept, and cut at a screen's width. */
function excerpt(message, limit = 14) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at .*node_modules/.test(line))
    .map((line) => `    ${line.slice(0, 200)}`);
  if (lines.length <= limit) return lines;
  const head = Math.ceil(limit / 2);
  return [...lines.slice(0, head), '    ...', ...lines.slice(lines.length - (limit - head))];
}
