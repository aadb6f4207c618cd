import type { Readable } from 'node:stream';
import { type Engine, exec } from '../engine/index.ts';
import type { RunningLab } from './find-lab.ts';
import { interruptible } from './interrupt.ts';
import { findTarget, targetArgv } from './targets.ts';

export interface ExecRequest {
  readonly target: string;
  readonly argv: readonly string[];
  /** Container of a pod; its first one by default. */
  readonly container?: string;
  /** Instead of this process's own standard input. */
  readonly stdin?: Readable;
}

/**
 * Runs a command on a node, host or pod with this process's own streams: a terminal when there is one on both
 * ends, stdin when it is a pipe or a file.
 *
 * @returns the command's own exit code
 */
export async function execAttached(engine: Engine, lab: RunningLab, request: ExecRequest): Promise<number> {
  const target = await findTarget(engine, lab, request.target);
  const stdin = request.stdin ?? process.stdin;
  const tty = request.stdin === undefined && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const argv = targetArgv(target, request.argv, {
    ...(request.container ? { container: request.container } : {}),
    stdin: true,
    tty,
  });
  if (tty) process.stdin.setRawMode(true);
  try {
    return await interruptible((signal) =>
      exec(engine, target.container.id, argv, {
        signal,
        stdin,
        stdout: process.stdout,
        stderr: process.stderr,
        tty,
        ...(tty ? { env: { TERM: process.env.TERM ?? 'xterm' } } : {}),
      }),
    );
  } finally {
    if (tty) process.stdin.setRawMode(false);
    process.stdin.unref?.();
  }
}
