import { readFile } from 'node:fs/promises';
import { imageNames } from '../images/index.ts';
import type { RewrittenArguments } from './arguments.ts';
import { parseCommandLine } from './command-line.ts';
import { hostEntries } from './host-files.ts';

/** Commands after which pods may ask for images. */
const MAKES_PODS = new Set(['apply', 'create', 'replace', 'run', 'set', 'debug', 'patch']);
const MANIFEST = /\.(json|ya?ml)$/;
/** More than any manifest has; a bigger file is no reason to keep kubectl waiting. */
const LARGEST = 4 * 1024 * 1024;

/**
 * Images that the pods of a command will want: those its files name, `--image`, and the values of `set image`.
 *
 * @param argv kubectl's arguments as they were typed
 * @param rewritten the same, with the host's files
 */
export async function commandImages(
  argv: readonly string[],
  { command, uploads }: RewrittenArguments,
): Promise<string[]> {
  if (command === undefined || !MAKES_PODS.has(command)) return [];
  const images = argumentImages(argv);
  for await (const { path, stats } of hostEntries(uploads)) {
    // A pipe can be read once, and that is for kubectl.
    if (!stats.isFile() || stats.size > LARGEST || !MANIFEST.test(path)) continue;
    images.push(...imageNames(await readFile(path, 'utf8').catch(() => '')));
  }
  return images;
}

/** Images named on the command line itself. */
export function argumentImages(argv: readonly string[]): string[] {
  const { flags, positional } = parseCommandLine(argv);
  const images = flags.flatMap(({ flag, value }) => (flag === 'image' ? value.split(',') : []));
  const words = positional.map(({ value }) => value);
  // `set image deployment/web web=nginx:1.26`
  if (words[0] === 'set' && words[1] === 'image')
    images.push(...words.slice(2).flatMap((word) => /^[^=]+=(.+)$/.exec(word)?.[1] ?? []));
  return images;
}

/** Whether a command reads manifests from its standard input. */
export function readsStdin(argv: readonly string[]): boolean {
  const { command, flags } = parseCommandLine(argv);
  return (
    MAKES_PODS.has(command ?? '') &&
    flags.some(({ flag, value }) => flag === 'filename' && value.split(',').includes('-'))
  );
}
