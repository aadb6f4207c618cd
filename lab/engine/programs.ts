import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Packages with native parts: image.json puts them beside the bundles as npm has them. */
const EXTERNAL = ['lmdb'];

/** Folder of the bundles in a node. */
export const PROGRAM_FOLDER = '/usr/local/lib/hoplab';

/**
 * The in-node programs as context files: one bundle each in {@link PROGRAM_FOLDER}, and an executable that runs it.
 * Programs whose entry does not exist are left out. The bundles are kept as long as none of their sources changes.
 * Throws HoplabError `E_PROGRAM_BUILD` with the compiler's messages.
 * @param root the repository
 * @param table path of programs.json
 * @param to folder of the build context that stands for `/`
 */
export async function programFiles(root: string, table: string, to: string): Promise<FileSpec[]> {
  const programs = (JSON.parse(readFileSync(table, 'utf8')) as Program[]).filter(({ entry }) =>
    existsSync(join(root, entry)),
  );
  if (programs.length === 0) return [];
  const entries = Object.fromEntries(programs.map(({ program, entry }) => [program, entry]));
  const { folder } = await bundle(root, 'programs', entries, { external: EXTERNAL, splitting: false }).catch(
    (cause: unknown) => {
      throw new HoplabError({
        code: 'E_PROGRAM_BUILD',
        message: 'the programs of a node do not compile',
        detail: cause instanceof Error ? cause.message : String(cause),
        next: 'npx tsc --noEmit',
        cause,
      });
    },
  );
  // The bundles are ES modules named .js, as package.json beside them says.
  const files: FileSpec[] = [
    { path: `${to}${PROGRAM_FOLDER}/package.json`, content: '{ "type": "module" }\n' },
  ];
  for (const { program, install, nodeOptions } of programs) {
    const path = `${PROGRAM_FOLDER}/${program}.js`;
    files.push({ path: `${to}${path}`, content: readFileSync(join(folder, `${program}.js`)) });
    files.push({
      path: `${to}${install}`,
      content: `#!/bin/sh\nexec ${shellQuote(['/usr/bin/node', ...(nodeOptions ?? []), path])} "$@"\n`,
      mode: 0o755,
    });
  }
  return files;
}
