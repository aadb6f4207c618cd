import { spawn } from 'node:child_process';
import { commandRunner, runFailure } from '../shell/index.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Milliseconds after which the command is killed; 30 000 unless told. */
  readonly timeout?: number;
}

/** A command of the node failed; the message can be pasted into a shell and shows what the command said. */
export class CommandError extends Error {
  readonly result: CommandResult;
  constructor(command: string, args: readonly string[], result: CommandResult) {
    const said = (result.stderr.trim() || result.stdout.trim()).replace(/\s*\n\s*/g, '; ');
    super(`${said || `exit code ${result.code}`} (command: ${pasteable(command, args)})`);
    this.name = 'CommandError';
    this.result = result;
  }
}

/** @returns the command line, quoted for a shell where needed. */
export function pasteable(command: string, args: readonly string[]): string {
  const quote = (word: string) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
  return [command, ...args].map(quote).join(' ');
}

/** Runs a command to its end. @returns its exit code and output; never throws for a non-zero code. */
export async function tryRun(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { env, stdin, timeout = 30_000 } = options;
  const runner = commandRunner();
  if (runner) {
    const answer = await runner.run({ argv: [command, ...args], env, stdin, timeout });
    const failure = runFailure(command, answer);
    return {
      code: answer.code < 0 ? 127 : answer.code,
      stdout: answer.stdout,
      stderr: answer.code < 0 ? failure : answer.stderr + failure,
    };
  }
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: env ?? process.env,
      timeout,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 128, stdout, stderr: signal ? `${stderr}killed by ${signal}` : stderr });
    });
    if (stdin !== undefined) {
      // A plugin may exit without reading its input; that is its business, not an error of ours.
      child.stdin?.on('error', () => {});
      child.stdin?.end(stdin);
    }
  });
}

/** As {@link tryRun}. @returns standard output. @throws CommandError for a non-zero exit code. */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryRun(command, args, options);
  if (result.code !== 0) throw new CommandError(command, args, result);
  return result.stdout;
}
