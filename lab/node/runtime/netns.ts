import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { run, tryRun } from './command.ts';

/**
 * Makes a named network namespace with its loopback up, where `ip netns` sees it. The loopback is the runtime's duty, not
 * the plugin's: containerd calls the loopback plugin for it.
 *
 * @param path `/run/netns/NAME`
 */
export async function createNetns(path: string): Promise<void> {
  if (!isMountPoint(dirname(path))) {
    // The first one: ip makes the directory a shared mount, so that a namespace which is removed goes from the mount
    // tables of all containers too.
    await run('ip', ['netns', 'add', basename(path)]);
    await run('ip', ['-n', basename(path), 'link', 'set', 'lo', 'up']);
    return;
  }
  // unshare makes the namespace and its name as ip does, and one process less is started for each pod.
  await writeFile(path, '', { flag: 'wx', mode: 0o444 });
  await run('unshare', [`--net=${path}`, 'ip', 'link', 'set', 'lo', 'up']).catch(async (error: unknown) => {
    await deleteNetns(path);
    throw error;
  });
}

/** Removes the namespace; one that is gone already is no error. */
export async function deleteNetns(path: string): Promise<void> {
  if (existsSync(path)) await tryRun('ip', ['netns', 'delete', basename(path)]);
}

/** @returns the mount points at or below a path, deepest first. */
export function mountsBelow(
  path: string,
  mountinfo = readFileSync('/proc/self/mountinfo', 'utf8'),
): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point === path || point.startsWith(`${path}/`))
    .reverse();
}

/** Whether something is mounted there; a namespace's file without its mount is an empty file. */
export function isMountPoint(path: string): boolean {
  return mountsBelow(path).includes(path);
}
