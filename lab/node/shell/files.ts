import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file in one step, so that a reader or watcher never meets half of it.
 *
 * @param mode permission bits, 0o644 by default
 */
export async function writeAtomically(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}

/** Like {@link writeAtomically}, but leaves a file alone that is already right. @returns whether it changed */
export async function writeIfChanged(path: string, content: string | Buffer, mode = 0o644): Promise<boolean> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(Buffer.from(content))) return false;
  await writeAtomically(path, content, mode);
  return true;
}
