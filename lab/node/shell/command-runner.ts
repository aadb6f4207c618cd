import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { type RunAnswer, type RunRequest, requestFrame, takeAnswers } from './runner-frames.ts';

const PROGRAM = '/usr/local/sbin/command-runner';

/**
 * A small process that starts commands for this one. Node.js forks for each, which copies the tables of its mappings: some 3 ms
 * of processor time, several times what most commands of a node need themselves.
 */
export class CommandRunner {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: RunAnswer) => void>();
  #heard: Buffer = Buffer.alloc(0);
  #last = 0;
  #alive = true;

  constructor(program: string) {
    this.#child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', () => this.#end()).on('exit', () => this.#end());
    this.#child.stdin?.on('error', () => this.#end());
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#take(bytes));
    // An idle runner keeps nobody alive.
    this.#child.unref();
    (this.#child.stdin as Socket).unref();
    (this.#child.stdout as Socket).unref();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Never throws for what becomes of the command. @throws TypeError for words that no command can be given */
  run(request: RunRequest): Promise<RunAnswer> {
    this.#last = (this.#last + 1) >>> 0;
    const id = this.#last;
    const frame = requestFrame(id, request);
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) (this.#child.stdout as Socket).ref();
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(frame);
    });
  }

  #take(bytes: Buffer): void {
    const { answers, rest } = takeAnswers(
      this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]),
    );
    this.#heard = rest;
    for (const [id, answer] of answers) {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    }
    if (this.#waiting.size === 0) (this.#child.stdout as Socket).unref();
  }

  #end(): void {
    this.#alive = false;
    for (const resolve of this.#waiting.values()) {
      resolve({ code: 128, signal: 0, stdout: '', stderr: 'command-runner has ended' });
    }
    this.#waiting.clear();
  }
}

let current: CommandRunner | undefined;

/**
 * From now on this program's commands are started by a runner, where the node has one. For programs that go on running and start
 * many.
 */
export function startCommandRunner(program = PROGRAM): void {
  if (existsSync(program)) current = new CommandRunner(program);
}

/** The runner; undefined when commands are to be started directly. */
export const commandRunner = (): CommandRunner | undefined => (current?.alive ? current : undefined);

const nameOf = (numbers: object, number: number): string =>
  Object.entries(numbers).find(([, value]) => value === number)?.[0] ?? String(number);

/** Why a command could not be started, as Node.js says it, or which signal ended it; empty for one that ended by itself. */
export function runFailure(program: string, { code, signal }: RunAnswer): string {
  if (code < 0) return `spawn ${program} ${nameOf(constants.errno, -code)}`;
  return signal === 0 ? '' : `killed by ${nameOf(constants.signals, signal)}`;
}
