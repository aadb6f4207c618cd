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

/** Whether a namespace is mounted there, rather than the empty file that is left when the mount has gone. */
export function netnsAlive(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);
}
