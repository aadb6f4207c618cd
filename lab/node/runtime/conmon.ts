import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { commandRunner, runFailure } from '../shell/index.ts';
import { CRUN_ARGS, crunEnv, crunProgram } from './crun.ts';

export interface ConmonRequest {
  readonly id: string;
  readonly name: string;
  /** Directory with config.json; conmon keeps its pid files and the exit code there too. */
  readonly bundle: string;
  /** Log in the CRI format. */
  readonly logFile: string;
  /** Directory that is watched: the exit code appears as a file named by the container's id. */
  readonly exitDir: string;
  readonly socketDir: string;
  readonly terminal: boolean;
  /**
   * `none`: /dev/null. `once`: open until the first client of the attach socket detaches or ends its input. `open`: never
   * ends. A terminal has its own, which never ends.
   */
  readonly stdin: 'none' | 'once' | 'open';
}

const STDIN = { none: [], once: ['--stdin'], open: ['--stdin', '--leave-stdin-open'] } as const;

/**
 * conmon's arguments. `--no-pivot` and `--no-new-keyring` because Docker's default seccomp profile denies
 * pivot_root and keyctl; `k8s-file` is the CRI log format; `--persist-dir` keeps the exit code where it survives a
 * restart of the node.
 */
export function conmonArgs(request: ConmonRequest): string[] {
  return [
    '--cid',
    request.id,
    '--cuuid',
    request.id,
    '--name',
    request.name,
    '--bundle',
    request.bundle,
    '--persist-dir',
    request.bundle,
    '--runtime',
    crunProgram(),
    ...CRUN_ARGS.flatMap((argument) => ['--runtime-arg', argument]),
    '--no-new-keyring',
    '--no-pivot',
    '--no-sync-log',
    '--container-pidfile',
    `${request.bundle}/pidfile`,
    '--conmon-pidfile',
    `${request.bundle}/conmon.pid`,
    '--exit-dir',
    request.exitDir,
    '--socket-dir-path',
    request.socketDir,
    '--log-path',
    `k8s-file:${request.logFile}`,
    '--log-level',
    'error',
    ...(request.terminal ? ['--terminal'] : STDIN[request.stdin]),
  ];
}

/** @returns the pid from conmon's report on its sync pipe. @throws Error with crun's message. */
export function parseSyncReport(line: string): number {
  const report = JSON.parse(line) as { pid?: number; data?: number; message?: string };
  const pid = report.pid ?? report.data ?? -1;
  if (pid > 0) return pid;
  throw new Error(`crun create failed: ${(report.message ?? `code ${pid}`).trim()}`);
}

/** Where conmon reports: {"pid": N}, or the runtime's error. */
const SYNC_PIPE = 3;
const REPORT_TIMEOUT = 20_000;
const LATE = 'conmon did not report within 20 s';
const SILENT = '{"message":"conmon ended without a report"}';

/**
 * Creates a container under a conmon of its own, which outlives the kubelet, keeps the log and writes the exit
 * code. @returns the pid of the container's first process, not yet started. @throws Error with the runtime's words.
 */
export async function conmonCreate(request: ConmonRequest): Promise<number> {
  const args = conmonArgs(request);
  const env = {
    PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    _OCI_SYNCPIPE: String(SYNC_PIPE),
    XDG_RUNTIME_DIR: '/run',
    ...crunEnv(),
  };
  const runner = commandRunner();
  if (!runner) return spawnConmon(args, env, request.bundle);
  const argv = ['conmon', ...args];
  const answer = await runner.run({ argv, env, cwd: request.bundle, timeout: REPORT_TIMEOUT, reports: true });
  if (answer.code === -constants.errno.ETIMEDOUT) throw new Error(LATE);
  if (answer.code !== 0) throw new Error(`conmon: ${runFailure('conmon', answer) || answer.stderr}`);
  return parseSyncReport(answer.stdout.trim() || SILENT);
}

function spawnConmon(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('conmon', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env, cwd });
    const pipe = child.stdio[SYNC_PIPE] as Readable;
    let text = '';
    const settle = (act: () => void) => {
      clearTimeout(deadline);
      pipe.removeAllListeners();
      pipe.on('error', () => {});
      // conmon holds its end as long as it lives; the first line is all that is wanted.
      pipe.destroy();
      act();
    };
    const deadline = setTimeout(() => settle(() => reject(new Error(LATE))), REPORT_TIMEOUT);
    const finish = () => {
      settle(() => {
        try {
          resolve(parseSyncReport(text.trim() || SILENT));
        } catch (error) {
          reject(error);
        }
      });
    };
    child.on('error', (error) => settle(() => reject(new Error(`conmon: ${error.message}`))));
    pipe.setEncoding('utf8');
    pipe.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('}')) finish();
    });
    pipe.on('end', finish);
    pipe.on('error', finish);
  });
}
