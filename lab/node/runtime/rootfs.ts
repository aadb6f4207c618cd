import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, tryRun } from './command.ts';

/**
 * Mounts a container's root file system: the image below, the container's own writes above. Upper and work
 * directories must be on the node's volume, since overlay does not stack on Docker's own overlay.
 * @returns the mount point.
 */
export async function mountRootfs(lower: string, containerDir: string): Promise<string> {
  const [upper, work, merged] = ['upper', 'work', 'rootfs'].map((name) => join(containerDir, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([upper, work, merged].map((path) => mkdir(path, { recursive: true })));
  await run('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    merged,
  ]);
  return merged;
}

/** Undoes {@link mountRootfs} and drops the container's writes. What is still mounted is never deleted. */
export async function removeRootfs(containerDir: string): Promise<void> {
  const merged = join(containerDir, 'rootfs');
  const unmounted = await tryRun('umount', [merged]);
  if (unmounted.code !== 0 && !/not mounted|no mount point|not found/.test(unmounted.stderr)) {
    await tryRun('umount', ['--lazy', merged]);
  }
  await Promise.all(
    ['upper', 'work', 'rootfs'].map((name) =>
      rm(join(containerDir, name), { recursive: true, force: true, maxRetries: 2 }),
    ),
  );
}
