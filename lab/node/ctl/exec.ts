import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PATHS, execCommand, podDir } from '../runtime/index.ts';
import { CtlError } from './ctl-error.ts';
import { findContainer, findPod } from './pods.ts';

export interface ExecOptions {
  readonly container: string | undefined;
  readonly stdin: boolean;
  readonly tty: boolean;
}

/** Runs a command in a container. @returns the command's own exit code. @throws CtlError when there is no such container */
export async function exec(name: string, options: ExecOptions, command: readonly string[]): Promise<number> {
  const pod = await findPod(name);
  const container = findContainer(pod, options.container);
  if (container.pid === 0)
    throw new CtlError(`container "${container.name}" of pod "${pod.name}" is not running`, 1);
  const id = container.containerID.replace(/^.*:\/\//, '');
  const attempt = String(container.restartCount);
  const bundle = join(podDir(DEFAULT_PATHS, pod.uid), 'containers', container.name, attempt);
  const [program, ...args] = await execCommand({ id, pid: container.pid, bundle }, command, {
    tty: options.tty,
    term: process.env.TERM,
  });
  const child = spawn(program as string, args, {
    stdio: [options.stdin || options.tty ? 'inherit' : 'ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new CtlError(`${program}: ${error.message}`, 1)));
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
