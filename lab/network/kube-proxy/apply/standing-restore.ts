import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { CommandError } from '../../../node/shell/index.ts';

interface Waiting {
  readonly marker: string;
  /** Lines that the process had read before this input. */
  readonly linesBefore: number;
  readonly resolve: () => void;
  readonly reject: (error: CommandError) => void;
}

/** One that has not said in this time that it is done does not say so at all. */
const DEADLINE_MS = 10_000;
/** The shell's code for a program that cannot be run; whoever gets it had better do without. */
const CANNOT = 127;

/**
 * An iptables-restore that stays: it carries out each COMMIT as it reads it, and has loaded its extensions and asked the kernel for their
 * revisions already, which is most of the time that a small change takes.
 *
 * With `--verbose` it repeats comment lines, so a comment after the COMMIT says that the COMMIT is done. It ends at the first
 * line that is refused; the next call starts another.
 */
export class StandingRestore {
  readonly #argv: readonly string[];
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Waiting | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #lines = 0;
  #calls = 0;
  #output = '';
  #errors = '';

  /** @param argv iptables-restore with all its options but `--verbose` */
  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  /**
   * One call at a time.
   *
   * @throws CommandError when a line is refused, with the number of that line in this input; exitCode 127 when there is no such process or it does not answer
   */
  async restore(input: string): Promise<void> {
    const child = this.#child ?? this.#start();
    const marker = `# done ${++this.#calls}`;
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { marker, linesBefore: this.#lines, resolve, reject };
      this.#lines += input.split('\n').length;
      child.stdin.write(`${input}${marker}\n`);
      this.#deadline = setTimeout(() => {
        child.kill('SIGKILL');
        this.#end(child, CANNOT, `no answer within ${DEADLINE_MS} ms`);
      }, DEADLINE_MS);
    }).finally(() => clearTimeout(this.#deadline));
  }

  stop(): void {
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #start(): ChildProcessWithoutNullStreams {
    const [program = '', ...args] = this.#argv;
    const child = spawn(program, [...args, '--verbose'], { stdio: 'pipe' });
    this.#child = child;
    this.#lines = 0;
    this.#output = '';
    this.#errors = '';
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => this.#read(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#errors += chunk;
    });
    child.on('error', (error) => this.#end(child, CANNOT, error.message));
    child.on('close', (code) => this.#end(child, code ?? 128, this.#errors));
    return child;
  }

  #end(child: ChildProcessWithoutNullStreams, code: number, why: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(new CommandError(this.#argv.join(' '), code, relative(why, waiting.linesBefore)));
  }

  #read(chunk: string): void {
    const lines = (this.#output + chunk).split('\n');
    this.#output = lines.pop() ?? '';
    if (!this.#waiting || !lines.includes(this.#waiting.marker)) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve();
  }
}

/** The process counts the lines of all its inputs. */
function relative(text: string, linesBefore: number): string {
  return text.replaceAll(/\b(line:? )(\d+)/gi, (_, word: string, number: string) =>
    Number(number) > linesBefore ? `${word}${Number(number) - linesBefore}` : `${word}${number}`,
  );
}
