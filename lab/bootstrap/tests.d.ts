/** What Vitest's JSON reporter counts. */
export interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** What it tells of each file and test. */
export interface Results {
  readonly testResults?: readonly {
    /** Absolute path. */
    readonly name: string;
    readonly status: string;
    /** Of a hook that failed. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      /** One for each try that failed, also of a test that held in the end. */
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export function testRuns(args: readonly string[]): string[][][];
export function total(runs: readonly (Counts | undefined)[]): string;
export function findings(runs: readonly (Results | undefined)[], root: string): string[];
