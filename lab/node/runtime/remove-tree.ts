import { rm } from 'node:fs/promises';
import { tryRun } from './command.ts';
import { mountsBelow } from './netns.ts';

/**
 * Removes a directory that may hold mounts. Everything below is unmounted first, so that nothing is ever deleted
 * through a mount. @throws Error when something stays mounted; then nothing is deleted
 */
export async function removeTree(path: string): Promise<void> {
  for (const point of mountsBelow(path)) await tryRun('umount', ['--lazy', point]);
  const left = mountsBelow(path);
  if (left.length > 0) throw new Error(`${path} is not removed: ${left.join(', ')} cannot be unmounted`);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
