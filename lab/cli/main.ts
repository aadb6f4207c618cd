import { Command, CommanderError, Option } from 'commander';
import { EXIT, HoplabError } from '../errors/index.ts';
import { registerVerbs } from './verbs.ts';

/**
 * Reads the command line and runs one verb.
 *
 * @param argv arguments after the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('hoplab')
    .description(
      'A Kubernetes network you can take apart: real wires, small readable programs, on one laptop.',
    )
    .option('-n, --name <lab>', 'name of the lab (default: the topology’s, or the only lab there is)')
    .option('-q, --quiet', 'no progress on stderr')
    .option('-v, --verbose', 'more detail on stderr, and stack traces of bugs')
    .addOption(new Option('--json', 'short for -o json').hideHelp())
    .version(await version(), '--version')
    .enablePositionalOptions()
    .showHelpAfterError('(hoplab --help lists the verbs)')
    .exitOverride();
  let exitCode: number = EXIT.ok;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader went away (`hoplab kubectl get pods | head -1`): nobody is left to tell.
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    throw error;
  });
  await registerVerbs(program, argv, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, program.opts().verbose === true);
  }
}

/** The one place where errors become text. */
function report(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof HoplabError) {
    process.stderr.write(`${error.render()}\n`);
    if (verbose && error.cause)
      process.stderr.write(`${String((error.cause as Error).stack ?? error.cause)}\n`);
    return error.exitCode;
  }
  const bug = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`error: ${bug.message} [E_BUG]\n`);
  process.stderr.write(verbose ? `${bug.stack}\n` : 'next: run again with -v and report the stack trace\n');
  return EXIT.failed;
}

async function version(): Promise<string> {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  return manifest.version;
}
