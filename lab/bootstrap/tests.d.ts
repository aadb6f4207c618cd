/** What Vitest's JSON reporter tells of a run. */
export interface Results {
  readonly testResults: readonly FileResult[];
}

export interface FileResult {
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
  /** What it did before it was run again. */
  readonly first?: FileResult;
}

type Runs = readonly (Results | undefined)[];

export function testRuns(args: readonly string[]): string[][][];
export function toRepeat(runs: Runs, root: string): string[];
export function withRepeated(runs: Runs, again: Results | undefined): (Results | undefined)[];
export function allHeld(runs: Runs): boolean;
export function total(runs: Runs): string;
export function findings(runs: Runs, root: string): string[];
