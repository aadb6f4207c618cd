import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';

const PROGRAM = fileURLToPath(new URL('../../bin/hoplab.js', import.meta.url));

/** A kubeconfig of the lab for client libraries, and the port that `lab kubeconfig` carries. */
export interface Carried {
  readonly config: KubeConfig;
  end(): Promise<void>;
}

/** Runs `lab kubeconfig` until {@link Carried.end}. */
export async function carryApi(lab: string): Promise<Carried> {
  const folder = await mkdtemp(join(tmpdir(), 'hoplab-kubeconfig-'));
  const file = join(folder, 'config');
  const child = spawn(process.execPath, [PROGRAM, 'kubeconfig', '-n', lab, '-o', file]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  while (!text.includes('is carried to')) {
    if (child.exitCode !== null) throw new Error(`kubeconfig ended: ${text}`);
    await Promise.race([once(child.stderr, 'data'), once(child, 'exit')]);
  }
  const config = new KubeConfig();
  config.loadFromFile(file);
  return { config, end: () => end(child, folder) };
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    await exit;
  }
  await rm(folder, { recursive: true, force: true });
}
