import { renderTable } from '../lab/output/index.ts';
import type { BenchResult } from './result.ts';

/** The table of a bench: ours beside the baseline, and the limit. */
export function benchTable(results: readonly BenchResult[]): string {
  const number = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  return renderTable(
    ['MEASURED', 'OURS', 'BASELINE', 'UNIT', 'RATIO', 'WANTED', ''],
    results.map((row) => [
      row.name,
      number(row.ours),
      number(row.baseline),
      row.unit,
      row.ratio.toFixed(2),
      `${row.limit.kind} ${row.limit.ratio}`,
      `${row.held ? 'held' : 'MISSED'}${row.note ? ` (${row.note})` : ''}`,
    ]),
  );
}

/**
 * What a bench that is a program of its own does at its end: prints the table, or JSON with `--json` (as main.ts asks),
 * and ends with 1 when a limit was missed.
 */
export function report(results: readonly BenchResult[]): void {
  process.stdout.write(process.argv.includes('--json') ? JSON.stringify(results) : benchTable(results));
  process.exitCode = results.every(({ held }) => held) ? 0 : 1;
}
