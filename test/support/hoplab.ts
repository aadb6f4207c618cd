import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/hoplab.js', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the child, e.g. to kill it half-way. */
  readonly onStart?: (child: ReturnType<typeof spawn>) => void;
  readonly onStderr?: (text: string) => void;
}

/** Runs hoplab as a user does: as a program of its own, with its exit code, stdout and stderr. */
export function hoplab(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...process.env, ...options.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(text);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.end(options.stdin ?? '');
    options.onStart?.(child);
  });
}

/** Like {@link hoplab}, but anything but exit code 0 is an error with all output. */
export async function hoplabOk(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await hoplab(args, options);
  if (ran.code !== 0) {
    throw new Error(`hoplab ${args.join(' ')}: exit code ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  }
  return ran;
}
