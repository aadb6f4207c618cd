import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readlink } from 'node:fs/promises';
import { pasteable, tryRun } from '../../runtime/index.ts';
import type { TerminalSize } from './channels.ts';

/** A command with a terminal of its own, whose size can change. */
export interface TerminalCommand {
  readonly child: ChildProcess;
  resize(size: TerminalSize): void;
}

/** The pseudo-terminal that a child of `pid` has for its stdin. @returns e.g. `/dev/pts/3` */
async function terminalBelow(pid: number): Promise<string | undefined> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [] as string[]);
  for (const task of tasks) {
    const { stdout } = await tryRun('cat', [`/proc/${pid}/task/${task}/children`]);
    for (const child of stdout.trim().split(/\s+/)) {
      const path = await readlink(`/proc/${child}/fd/0`).catch(() => '');
      if (/^\/dev\/pts\/\d+$/.test(path)) return path;
    }
  }
  return undefined;
}

/**
 * Runs a command on a new terminal. Node cannot open one, script(1) can; stty(1) sets its size, of which crun hears by
 * SIGWINCH and which it hands on to the terminal inside the container.
 */
export function startOnTerminal(argv: readonly string[], size: TerminalSize | undefined): TerminalCommand {
  const [program = '', ...args] = argv;
  const before = size === undefined ? '' : `stty cols ${size.columns} rows ${size.rows}; `;
  const command = `${before}exec ${pasteable(program, args)}`;
  const child = spawn(
    'script',
    ['--quiet', '--return', '--flush', '--echo', 'never', '--command', command, '/dev/null'],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, SHELL: '/bin/sh' },
    },
  );
  let wanted: TerminalSize | undefined;
  let busy = false;

  async function apply(): Promise<void> {
    if (busy || child.pid === undefined) return;
    busy = true;
    try {
      let terminal: string | undefined;
      for (let tries = 0; terminal === undefined && tries < 50 && child.exitCode === null; tries += 1) {
        terminal = await terminalBelow(child.pid);
      }
      while (terminal !== undefined && wanted !== undefined) {
        const { columns, rows } = wanted;
        wanted = undefined;
        await tryRun('stty', ['-F', terminal, 'cols', String(columns), 'rows', String(rows)]);
      }
    } finally {
      busy = false;
    }
  }

  return {
    child,
    resize(next) {
      wanted = next;
      void apply();
    },
  };
}
