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
