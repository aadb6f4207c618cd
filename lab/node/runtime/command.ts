import { spawn } from 'node:child_process';

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
export function tryRun(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      timeout: options.timeout ?? 30_000,
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
    if (options.stdin !== undefined) {
      // A plugin may exit without reading its input; that is its business, not an error of ours.
      child.stdin?.on('error', () => {});
      child.stdin?.end(options.stdin);
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
