import { EXIT, HoplabError } from '../errors/index.ts';
import { Steps } from '../output/index.ts';

/** The verb's options as commander read them, with the global ones. */
export interface VerbOptions {
  readonly name?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly output?: string;
  readonly json?: boolean;
  readonly timeout?: string;
  readonly [key: string]: unknown;
}

export type OutputFormat = 'table' | 'json' | 'yaml';

/** What every verb gets: options, progress, and the format of its result. */
export interface VerbContext {
  readonly options: VerbOptions;
  readonly steps: Steps;
  readonly format: OutputFormat;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/** @throws HoplabError for an option value that is not one of those allowed */
export function makeContext(options: VerbOptions): VerbContext {
  const format = options.json ? 'json' : (options.output ?? 'table');
  if (format !== 'table' && format !== 'json' && format !== 'yaml') {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `output format "${format}" is not known`,
      next: 'use -o table, -o json or -o yaml',
      exitCode: EXIT.usage,
    });
  }
  if (options.name !== undefined && !/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/.test(options.name)) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `lab name "${options.name}" is not a name`,
      next: 'use up to 24 lower-case letters, digits and dashes, e.g. -n my-lab',
      exitCode: EXIT.usage,
    });
  }
  const seconds = Number(options.timeout ?? '120');
  if (!(seconds > 0)) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: `--timeout "${options.timeout}" is not a number of seconds`,
      exitCode: EXIT.usage,
    });
  }
  return {
    options,
    steps: new Steps({ stream: process.stderr, quiet: options.quiet === true }),
    format,
    timeoutMs: seconds * 1000,
  };
}

/** Prints a result on stdout in the chosen format. */
export async function printResult(context: VerbContext, data: unknown, table: () => string): Promise<void> {
  if (context.format === 'table') process.stdout.write(`${table()}\n`);
  else if (context.format === 'json') process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
  else process.stdout.write((await import('yaml')).stringify(data));
}
