import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundle } from '../bootstrap/bundle.js';
import { HoplabError } from '../errors/index.ts';
import type { FileSpec } from './archive.ts';
import { shellQuote } from './errors.ts';

/** A row of images/node/programs.json. */
export interface Program {
  readonly program: string;
  /** TypeScript file, relative to the repository. */
  readonly entry: string;
  /** Absolute path of the executable in a node. */
  readonly install: string;
  /** Options for node, e.g. `--max-old-space-size=64`. */
  readonly nodeOptions?: readonly string[];
}

/** Packages with native parts or files of their own: image.json puts them beside the bundles as npm has them. */
const EXTERNAL = ['lmdb', 'playwright-core'];

/** Folder of the bundles in a node. */
export const PROGRAM_FOLDER = '/usr/local/lib/hoplab';

/**
 * The in-node programs as context files: one bundle each in {@link PROGRAM_FOLDER}, and an executable that runs it.
 * Programs whose entry does not exist are left out. The bundles are kept as long as none of their sources changes.
 * Throws HoplabError `E_PROGRAM_BUILD` with the compiler's messages.
 * @param root the repository
 * @param table path of programs.json
 * Beside them `start/flag-sets`, from which the image makes start-up snapshots.
 * @param to folder of the build context that stands for `/`
 */
export async function programFiles(root: string, table: string, to: string): Promise<FileSpec[]> {
  const programs = (JSON.parse(readFileSync(table, 'utf8')) as Program[]).filter(({ entry }) =>
    existsSync(join(root, entry)),
  );
  if (programs.length === 0) return [];
  const entries = Object.fromEntries(programs.map(({ program, entry }) => [program, entry]));
  const { folder } = await bundle(root, `programs-${basename(dirname(table))}`, entries, {
    external: EXTERNAL,
    splitting: false,
  }).catch((cause: unknown) => {
    throw new HoplabError({
      code: 'E_PROGRAM_BUILD',
      message: 'the programs of a node do not compile',
      detail: cause instanceof Error ? cause.message : String(cause),
      next: 'npx tsc --noEmit',
      cause,
    });
  });
  // The bundles are ES modules named .js, as package.json beside them says.
  const files: FileSpec[] = [
    { path: `${to}${PROGRAM_FOLDER}/package.json`, content: '{ "type": "module" }\n' },
    { path: 'start/flag-sets', content: flagSets(programs) },
  ];
  for (const { program, install, nodeOptions = [] } of programs) {
    const path = `${PROGRAM_FOLDER}/${program}.js`;
    files.push({ path: `${to}${path}`, content: readFileSync(join(folder, `${program}.js`)) });
    files.push({ path: `${to}${install}`, content: executable(path, nodeOptions), mode: 0o755 });
  }
  return files;
}

/** A program's executable: node with its options, from the start-up snapshot that fits them where there is one. */
function executable(path: string, options: readonly string[]): string {
  const blob = shellQuote([`${PROGRAM_FOLDER}/start/${snapshotName(options)}.blob`]);
  const program = shellQuote([path]);
  return `#!/bin/sh
if [ -r ${blob} ]; then set -- --snapshot-blob ${blob} ${program} "$@"; else set -- ${program} "$@"; fi
exec ${shellQuote(['/usr/bin/node', ...options])} "$@"
`;
}

/** e.g. `max-semi-space-size=1,max-old-space-size=64`. */
function snapshotName(options: readonly string[]): string {
  return options.map((option) => option.replace(/^-+/, '')).join(',') || 'default';
}

/** The sets of options that the programs are started with, one a line after its name: images/node/start/build.sh. */
function flagSets(programs: readonly Program[]): string {
  const sets = programs.map(({ nodeOptions = [] }) => [snapshotName(nodeOptions), ...nodeOptions].join(' '));
  return `${[...new Set(sets)].sort().join('\n')}\n`;
}
