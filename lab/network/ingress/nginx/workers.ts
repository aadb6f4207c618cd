import { readFile } from 'node:fs/promises';

/** Process ids of a process' children; empty when it has gone. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Whether a worker still takes connections: nginx changes the title of one that does not (ngx_worker_process_cycle). */
export async function isServing(pid: number): Promise<boolean> {
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return title.includes('worker process') && !title.includes('shutting down');
}
