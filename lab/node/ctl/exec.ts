import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { boundingSet, DEFAULT_PATHS, podDir } from '../runtime/index.ts';
import { CtlError } from './ctl-error.ts';
import { findContainer, findPod } from './pods.ts';

export interface ExecOptions {
  readonly container: string | undefined;
  readonly stdin: boolean;
  readonly tty: boolean;
}

const CRUN = '/usr/bin/crun';

/**
 * Arguments of `crun exec` for a command in a container.
 *
 * @param env the container's own environment. With a terminal it has to be given in full, because one `--env` makes
 *   crun forget all of it, PATH included, and TERM has to be set.
 * @param term TERM of the caller's terminal
 */
export function execArgs(
  id: string,
  options: ExecOptions,
  command: readonly string[],
  env: readonly string[],
  term: string | undefined,
): string[] {
  const withTerm = [...env.filter((entry) => !entry.startsWith('TERM=')), `TERM=${term ?? 'xterm'}`];
  return [
    '--cgroup-manager=disabled',
    // Named, because crun would look elsewhere for another user than root.
    '--root=/run/crun',
    'exec',
    ...(options.tty ? ['--tty', ...withTerm.map((entry) => `--env=${entry}`)] : []),
    id,
    ...command,
  ];
}

/** @returns the environment in the container's config.json. */
async function containerEnv(uid: string, container: string, attempt: number): Promise<readonly string[]> {
  const bundle = join(podDir(DEFAULT_PATHS, uid), 'containers', container, String(attempt));
  const spec = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')) as {
    process: { env: string[] };
  };
  return spec.process.env;
}

/**
 * A node has no CAP_SYS_PTRACE, so the kernel lets it open the namespaces of a process of another user only as that
 * user (ptrace(2), PTRACE_MODE_READ_FSCREDS). The node's capabilities are kept through the change of user as
 * ambient ones; crun drops them before the command runs.
 * @param status text of /proc/PID/status of the container's first process
 * @param capabilities what this process holds, e.g. CAP_SYS_ADMIN
 */
export function asUserOf(
  status: string,
  capabilities: readonly string[],
  command: readonly string[],
): readonly string[] {
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? '0';
  const gid = /^Gid:\s+(\d+)/m.exec(status)?.[1] ?? '0';
  if (uid === '0') return command;
  const keep = ['-all', ...capabilities.map((name) => `+${name.toLowerCase().replace('cap_', '')}`)].join(
    ',',
  );
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=${keep}`,
    `--ambient-caps=${keep}`,
    ...command,
  ];
}

/** Runs a command in a container. @returns the command's own exit code. @throws CtlError when there is no such container */
export async function exec(name: string, options: ExecOptions, command: readonly string[]): Promise<number> {
  const pod = await findPod(name);
  const container = findContainer(pod, options.container);
  if (container.pid === 0)
    throw new CtlError(`container "${container.name}" of pod "${pod.name}" is not running`, 1);
  const id = container.containerID.replace(/^.*:\/\//, '');
  const status = await readFile(`/proc/${container.pid}/status`, 'utf8').catch(() => '');
  const own = boundingSet(await readFile('/proc/self/status', 'utf8'));
  const env = options.tty ? await containerEnv(pod.uid, container.name, container.restartCount) : [];
  const [program, ...args] = asUserOf(status, own, [
    CRUN,
    ...execArgs(id, options, command, env, process.env.TERM),
  ]);
  const child = spawn(program as string, args, {
    stdio: [options.stdin || options.tty ? 'inherit' : 'ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new CtlError(`${program}: ${error.message}`, 1)));
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
