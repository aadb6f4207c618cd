import { spawnSync } from 'node:child_process';
import { CNI_ERROR, CniError } from './errors.ts';

const DEADLINE_MS = 10_000;

export interface Output {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The command as it can be pasted into a shell. */
  readonly pasteable: string;
}

/** Runs a command with some text on its standard input. */
export function run(command: readonly string[], input = ''): Output {
  const [program = '', ...args] = command;
  const done = spawnSync(program, args, { input, encoding: 'utf8', timeout: DEADLINE_MS });
  const words = command.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`,
  );
  return {
    ok: done.status === 0,
    stdout: done.stdout ?? '',
    stderr: [done.stderr, done.error?.message].filter(Boolean).join('\n').trim(),
    pasteable: words.join(' ') + (input === '' ? '' : ` <<'EOF'\n${input}EOF`),
  };
}

/** The error for a command that failed; the code is the plugin's own for wiring. */
export function commandError(what: string, output: Output): CniError {
  return new CniError(CNI_ERROR.wiring, what, `${output.stderr}\ncommand: ${output.pasteable}`);
}
