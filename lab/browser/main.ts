import { readArguments, USAGE, UsageError } from './arguments.ts';
import { visit } from './visit.ts';

/** Where the image has room for them; the lab fetches them from there. */
const SCREENSHOTS = '/screenshots';

try {
  const { text, problem } = await visit(readArguments(process.argv.slice(2)), SCREENSHOTS);
  process.stdout.write(text);
  if (problem !== undefined) {
    process.stderr.write(`browse: ${problem}\n`);
    process.exitCode = 1;
  }
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(`browse: ${error instanceof Error ? error.message : String(error)}\n`);
  if (usage) process.stderr.write(`${USAGE}\n`);
  process.exitCode = usage ? 2 : 1;
}
