import { run, tryRun } from './command.ts';

/** A node container has no write access to cgroups. */
export const CRUN_ARGS = ['--cgroup-manager=disabled'] as const;

export interface CrunContainer {
  readonly id: string;
  readonly pid: number;
  readonly status: 'creating' | 'created' | 'running' | 'paused' | 'stopped';
}

/** Lets a created container's process run. @throws CommandError */
export async function crunStart(id: string): Promise<void> {
  await run('crun', [...CRUN_ARGS, 'start', id]);
}

/** Sends a signal to the container's first process; one that has ended already is no error. */
export async function crunKill(id: string, signal: string): Promise<void> {
  await tryRun('crun', [...CRUN_ARGS, 'kill', id, signal]);
}

/** Removes the container's runtime state, killing what is left of it. One that is gone already is no error. */
export async function crunDelete(id: string): Promise<void> {
  await tryRun('crun', [...CRUN_ARGS, 'delete', '--force', id]);
}

/** @returns all containers that crun knows of since the node started. */
export async function crunList(): Promise<CrunContainer[]> {
  const { code, stdout } = await tryRun('crun', [...CRUN_ARGS, 'list', '--format', 'json']);
  if (code !== 0 || stdout.trim() === '') return [];
  return (JSON.parse(stdout) as CrunContainer[] | null) ?? [];
}
