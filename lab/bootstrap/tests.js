import { stripVTControlCharacters } from 'node:util';

/** @typedef {import('./tests.d.ts').Results} Results */

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
 * A lab that one test has broken fails the tests after it, too, and their second tries. So what failed in CI is run once more by
 * itself, in a lab of its own. Unit tests are not: what fails there is wrong.
 *
 * @param {readonly (Results | undefined)[]} runs what Vitest's JSON reporter wrote for each run; undefined for one that ended without
 * @param {string} root of the repository, absolute
 * @returns {string[]} the files to run again, from the root; none where a run was cut off, or so much failed that it is no accident
 */
export function toRepeat(runs, root) {
  if (runs.includes(undefined)) return [];
  const failed = runs.flatMap((run) => run.testResults.filter(({ status }) => status === 'failed'));
  const files = failed.map(({ name }) => fromRoot(name, root));
  const labs = files.every((file) => /^test\/(lab|node|netns|control-plane)\//.test(file));
  return labs && files.length <= MANY ? files : [];
}
const MANY = 4;

/**
 * @param {readonly (Results | undefined)[]} runs
 * @param {Results | undefined} again what the repeated files did by themselves
 * @returns {(Results | undefined)[]} the runs with the new results of these files, each with its first one as `first`
 */
export function withRepeated(runs, again) {
  const second = new Map(again?.testResults.map((result) => [result.name, result]));
  const replaced = (first) => {
    const result = second.get(first.name);
    return result ? { ...result, first } : first;
  };
  return runs.map((run) => run && { ...run, testResults: run.testResults.map(replaced) });
}

/**
 * @param {readonly (Results | undefined)[]} runs
 * @returns {boolean} whether every run came to its end and no file of it failed
 */
export const allHeld = (runs) =>
  runs.every((run) => run?.testResults.every(({ status }) => status === 'passed'));

/**
 * @param {readonly (Results | undefined)[]} runs
 * @returns {string} one line with the sum of all
 */
export function total(runs) {
  const all = runs.flatMap((run) => run?.testResults ?? []).flatMap((file) => file.assertionResults);
  const count = (state) => all.filter(({ status }) => status === state).length;
  const lost = runs.filter((run) => run === undefined).length;
  const passed = count('passed');
  const failed = count('failed');
  const skipped = all.length - passed - failed;
  return [
    `${passed} passed, ${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(lost > 0 ? [`${lost} run(s) ended without a result`] : []),
  ].join(', ');
}

/**
 * What the last screen must tell, since the runs' own reports are far above it: each test that failed with the beginning and the
 * end of its message, each file that failed as a whole (in a hook: its tests count as not run), and each test that did not hold at
 * its first try.
 *
 * @param {readonly (Results | undefined)[]} runs
 * @param {string} root of the repository, absolute: files are named from there
 * @returns {string[]} lines; none where there is nothing to tell
 */
export function findings(runs, root) {
  return runs
    .flatMap((run) => run?.testResults ?? [])
    .flatMap((file) => {
      const name = fromRoot(file.name, root);
      const before = file.first ? ofFile(file.first, `failed before it was run again: ${name}`, 6) : [];
      return [...before, ...ofFile(file, `failed: ${name}`, 14)];
    });
}

function ofFile({ status, message, assertionResults }, title, limit) {
  const lines = status === 'failed' && message ? [title, ...excerpt(message, limit)] : [];
  for (const test of assertionResults) {
    if (test.status === 'failed')
      lines.push(`${title} > ${test.fullName}`, ...excerpt(test.failureMessages.join('\n'), limit));
    else if (test.failureMessages.length > 0)
      lines.push(
        `${title.replace(/^failed/, 'held at its second try')} > ${test.fullName}`,
        ...excerpt(test.failureMessages[0], 3),
      );
  }
  return lines;
}

const fromRoot = (file, root) => (file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file);

/** The first lines say what was expected, the last of a scenario's story what was seen; both are kept, and cut at a screen's width. */
function excerpt(message, limit) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at (.*node_modules|.*<anonymous>)/.test(line))
    .map((line) => `    ${line.slice(0, 200)}`);
  if (lines.length <= limit) return lines;
  const head = Math.ceil(limit / 2);
  return [...lines.slice(0, head), '    ...', ...lines.slice(lines.length - (limit - head))];
}
