import { readFile } from 'node:fs/promises';
import { boundingSet } from './capabilities.ts';
import { CRUN_ARGS } from './crun.ts';

const CRUN = '/usr/bin/crun';

/**
 * Arguments of `crun exec` for a command in a container.
 *
 * @param env the container's own environment; used with a terminal only, where it has to be given in full, because one
 *   `--env` makes crun forget all of it, PATH included, and TERM has to be set.
 * @param term TERM of the caller's terminal
 */
export function execArgs(
  id: string,
  tty: boolean,
  command: readonly string[],
  env: readonly string[],
  term: string | undefined,
): string[] {
  const withTerm = [...env.filter((entry) => !entry.startsWith('TERM=')), `TERM=${term ?? 'xterm'}`];
  return [
    ...CRUN_ARGS,
    // Named, because crun would look elsewhere for another user than root.
    '--root=/run/crun',
    'exec',
    ...(tty ? ['--tty', ...withTerm.map((entry) => `--env=${entry}`)] : []),
    id,
    ...command,
  ];
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

export interface ExecTarget {
  /** The container's id. */
  readonly id: string;
  /** Of its first process, as the node sees it. */
  readonly pid: number;
  /** Directory with its config.json. */
  readonly bundle: string;
}

/** @returns program and arguments that run a command in a running container. */
export async function execCommand(
  target: ExecTarget,
  command: readonly string[],
  options: { readonly tty?: boolean; readonly term?: string | undefined } = {},
): Promise<readonly string[]> {
  const tty = options.tty ?? false;
  const [status, own, env] = await Promise.all([
    readFile(`/proc/${target.pid}/status`, 'utf8').catch(() => ''),
    readFile('/proc/self/status', 'utf8'),
    tty ? containerEnv(target.bundle) : [],
  ]);
  const crun = [CRUN, ...execArgs(target.id, tty, command, env, options.term)];
  return asUserOf(status, boundingSet(own), crun);
}

async function containerEnv(bundle: string): Promise<readonly string[]> {
  const spec = JSON.parse(await readFile(`${bundle}/config.json`, 'utf8')) as { process: { env: string[] } };
  return spec.process.env;
}
