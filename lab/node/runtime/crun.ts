import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run, tryRun } from './command.ts';
import { isMountPoint } from './netns.ts';

/** A node container has no write access to cgroups. */
export const CRUN_ARGS = ['--cgroup-manager=disabled'] as const;

const INSTALLED = '/usr/bin/crun';
let program = INSTALLED;
/** Where crun is started from. */
export const crunProgram = (): string => program;
/**
 * crun asks for this before it believes that nobody can write to its file (libcrun cloned_binary.c): said only where that is so.
 */
export const crunEnv = (): Readonly<Record<string, string>> =>
  program === INSTALLED ? {} : { _LIBCONTAINER_CLONED_BINARY: '1' };

/**
 * Lets crun be started from a read-only mount of itself. Otherwise it copies itself into sealed memory each time and starts
 * again from there, so that no container can write to it by /proc/PID/exe (CVE-2019-5736): a third of what a call costs.
 *
 * @param path where the mount is to be; one that is there already is used
 */
export async function sealCrun(path: string): Promise<void> {
  if (!isMountPoint(path)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    const { code } = await tryRun('mount', ['-o', 'bind,ro', INSTALLED, path]);
    if (code !== 0) return;
  }
  program = path;
}

const crun = (args: readonly string[]) =>
  [program, [...CRUN_ARGS, ...args], { env: { ...process.env, ...crunEnv() } }] as const;

export interface CrunContainer {
  readonly id: string;
  readonly pid: number;
  readonly status: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
}

/** Lets a created container's process run. @throws CommandError */
export async function crunStart(id: string): Promise<void> {
  await run(...crun(['start', id]));
}

/** Sends a signal to the container's first process; one that has ended already is no error. */
export async function crunKill(id: string, signal: string): Promise<void> {
  await tryRun(...crun(['kill', id, signal]));
}

/** Removes the container's runtime state, killing what is left of it. One that is gone already is no error. */
export async function crunDelete(id: string): Promise<void> {
  await tryRun(...crun(['delete', '--force', id]));
}

/** @returns all containers that crun knows of since the node started. */
export async function crunList(): Promise<CrunContainer[]> {
  const { code, stdout } = await tryRun(...crun(['list', '--format', 'json']));
  if (code !== 0 || stdout.trim() === '') return [];
  return (JSON.parse(stdout) as CrunContainer[] | null) ?? [];
}
