import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { run, tryRun } from './command.ts';

/** Makes a named network namespace with its loopback up, where `ip netns` sees it. @param path `/run/netns/NAME` */
export async function createNetns(path: string): Promise<void> {
  const name = basename(path);
  await run('ip', ['netns', 'add', name]);
  // The runtime's duty, not the plugin's: containerd calls the loopback plugin for it.
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
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
