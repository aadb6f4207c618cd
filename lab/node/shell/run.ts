import { execFile, spawn } from 'node:child_process';
import { commandRunner, runFailure } from './command-runner.ts';

/** A command inside the node failed; the message carries it in a form that can be pasted. */
export class CommandError extends Error {
  readonly command: string;
  readonly exitCode: number;
  readonly stderr: string;

  constructor(command: string, exitCode: number, stderr: string) {
    super(`${command}: exit code ${exitCode}: ${stderr.trim()}`);
    this.name = 'CommandError';
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const quote = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/**
 * Runs a program and waits for it.
 *
 * @param argv program and arguments; no shell is involved
 * @param input what it reads on stdin
 * @returns its stdout
 * @throws CommandError when it cannot be started or ends with a code other than 0
 */
export async function run(argv: readonly string[], input?: string): Promise<string> {
  const [program = '', ...args] = argv;
  const runner = commandRunner();
  if (runner) {
    const answer = await runner.run({ argv, stdin: input, timeout: Number.POSITIVE_INFINITY });
    if (answer.code === 0) return answer.stdout;
    const code = answer.code < 0 || answer.signal > 0 ? 127 : answer.code;
    throw new CommandError(argv.map(quote).join(' '), code, answer.stderr || runFailure(program, answer));
  }
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const code = typeof error.code === 'number' ? error.code : 127;
      reject(new CommandError(argv.map(quote).join(' '), code, stderr || error.message));
    });
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/**
 * Starts a program that keeps running and hands on what it says, line by line.
 *
 * @param onLine called for each line of stdout and stderr
 * @returns the child; the caller ends it
 */
export function follow(argv: readonly string[], onLine: (line: string) => void) {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
  }
  return child;
}
