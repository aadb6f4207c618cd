import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/hoplab.js', import.meta.url));

/** A hoplab that goes on beside the test. */
export interface HoplabProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has printed so far, on stdout and on stderr. */
  text: string;
}

function follow(child: ChildProcessWithoutNullStreams): HoplabProcess {
  const started: HoplabProcess = { child, text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      started.text += chunk;
    });
  }
  child.stdin.on('error', () => {});
  return started;
}

/** Starts hoplab with pipes for its three streams. */
export const startHoplab = (args: readonly string[]): HoplabProcess =>
  follow(spawn(process.execPath, [PROGRAM, ...args]));

/** Starts hoplab on a terminal of its own, as `script` makes one, of a size in columns and rows. */
export function startOnTerminal(
  args: readonly string[],
  [columns, rows]: readonly [number, number] = [80, 24],
): HoplabProcess {
  const words = [process.execPath, PROGRAM, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const line = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}`;
  return follow(spawn('script', ['-qec', line, '/dev/null'], { env: { ...process.env, SHELL: '/bin/sh' } }));
}

/** Waits until a program has printed what is expected; its end before that is an error. */
export async function printed(started: HoplabProcess, pattern: RegExp): Promise<void> {
  const { child } = started;
  while (!pattern.test(started.text)) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) throw new Error(`ended with ${ended}: ${started.text}`);
    // The two that lose the race take their listeners back.
    const heard = new AbortController();
    const { signal } = heard;
    const more = [child.stdout, child.stderr].map((stream) => once(stream, 'data', { signal }));
    await Promise.race([...more, once(child, 'close', { signal })]);
    heard.abort();
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcessWithoutNullStreams): boolean =>
  exitCode !== null || signalCode !== null;

/** Ends a program with Ctrl-C. */
export async function stop({ child }: HoplabProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'close');
  child.kill('SIGINT');
  await ended;
}

/** @returns the exit code */
export async function exitCode({ child }: HoplabProcess): Promise<number | null> {
  if (!hasEnded(child)) await once(child, 'close');
  return child.exitCode;
}
