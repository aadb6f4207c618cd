/** What Vitest's JSON reporter counts. */
export interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

export function testRuns(args: readonly string[]): string[][][];
export function total(runs: readonly (Counts | undefined)[]): string;
