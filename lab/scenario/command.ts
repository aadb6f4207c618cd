import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXIT } from '../errors/index.ts';
import type { LabAccess } from './access.ts';
import { loadScenarios } from './load.ts';
import type { ScenarioInfo, ScenarioResult, StepStart } from './record.ts';
import { junitXml } from './reporters/junit.ts';
import { narrator } from './reporters/narrate.ts';
import { workbook } from './reporters/workbook.ts';
import { type Reporter, runScenarios } from './runner.ts';

export interface RunCommandOptions {
  /** Folder of the scenarios. */
  readonly dir: string;
  /** Names, chapters or `figure-16`; none means all. */
  readonly filter?: readonly string[];
  /** Waits for Enter before each step. */
  readonly step?: boolean;
  /** `json`: the results on stdout. `table`: nothing on stdout, the story is told on stderr. */
  readonly output?: 'table' | 'json';
  /** One line per scenario instead of the whole story. */
  readonly brief?: boolean;
  readonly quiet?: boolean;
  readonly junit?: string;
  readonly workbook?: string;
  readonly failFast?: boolean;
  readonly outputDir?: string;
  readonly signal?: AbortSignal;
}

/** The terminal as the command sees it. */
export interface CommandIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly colour?: boolean;
  /** Resolves when the user pressed Enter; needed for `step`. */
  readonly enter?: () => Promise<void>;
}

/**
 * `lab scenario run`: runs, tells, writes the files asked for.
 * @returns the process's exit code: 0 when nothing failed, 1 when a scenario failed, 3 when all were skipped, 130 after Ctrl-C
 * @throws HoplabError for a filter that selects nothing or a file that is no scenario
 */
export async function runCommand(
  options: RunCommandOptions,
  access: LabAccess,
  io: CommandIo,
): Promise<number> {
  const list = await loadScenarios(options.dir, options.filter);
  const reporters: Reporter[] = [];
  if (!options.quiet) {
    const style = options.brief && !options.step ? 'lines' : 'story';
    reporters.push(narrator({ write: io.stderr, style, colour: io.colour ?? false }));
  }
  if (options.workbook !== undefined) reporters.push(workbook(options.workbook));
  const { enter } = io;
  const pause =
    options.step && enter
      ? async (_: StepStart): Promise<void> => {
          io.stderr('  [Enter]');
          await enter();
        }
      : undefined;
  const results = await runScenarios(list, access, {
    reporters,
    ...(pause && { pause }),
    ...(options.outputDir !== undefined && { outputDir: options.outputDir }),
    ...(options.failFast !== undefined && { failFast: options.failFast }),
    ...(options.signal && { signal: options.signal }),
  });
  if (options.junit !== undefined) {
    await mkdir(dirname(options.junit), { recursive: true });
    await writeFile(options.junit, junitXml(results));
  }
  if (options.output === 'json') io.stdout(resultsJson(results));
  if (options.signal?.aborted) return EXIT.interrupted;
  if (results.length > 0 && results.every(({ status }) => status === 'skipped')) {
    io.stderr('error: no scenario could run here; each says above what it lacks\n');
    return EXIT.environment;
  }
  return results.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok;
}

/** The results as `-o json` prints them: everything, with the output of every step. */
export function resultsJson(results: readonly ScenarioResult[]): string {
  return `${JSON.stringify({ scenarios: results }, null, 2)}\n`;
}

/** `lab scenario list`: what there is, without a lab. */
export async function listScenarios(dir: string, filter: readonly string[] = []): Promise<ScenarioInfo[]> {
  const list = await loadScenarios(dir, filter);
  return list.map(({ definition: _, ...info }) => info);
}
