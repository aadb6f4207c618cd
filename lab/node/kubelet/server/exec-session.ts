import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { type ExecTarget, execCommand } from '../../runtime/index.ts';
import {
  CLOSE,
  ERROR,
  exitStatus,
  failureStatus,
  onChannel,
  RESIZE,
  STDERR,
  STDIN,
  STDOUT,
  type TerminalSize,
  terminalSize,
} from './channels.ts';
import { startOnTerminal } from './terminal.ts';

export interface ExecRequest {
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Reads an exec or attach request. @throws Error */
export function execRequest(query: URLSearchParams): ExecRequest {
  const flag = (...names: string[]) => names.some((name) => ['true', '1'].includes(query.get(name) ?? ''));
  const tty = flag('tty');
  const request = {
    command: query.getAll('command'),
    stdin: flag('stdin', 'input'),
    stdout: flag('stdout', 'output'),
    // A terminal has one stream of output.
    stderr: flag('stderr', 'error') && !tty,
    tty,
  };
  if (!request.stdin && !request.stdout && !request.stderr) {
    throw new Error('you must specify at least 1 of stdin, stdout, stderr');
  }
  return request;
}

/** How long a command on a terminal waits to know its size, milliseconds. */
const FIRST_SIZE = 500;
/** Beyond this much unsent output a command's pipe is not read any further, bytes. */
const HIGH_WATER = 1 << 20;

/** Sends a stream on a channel, no faster than the client takes it. @returns when all of it has been sent */
export function pump(stream: Readable | null, channel: number, socket: WebSocket): Promise<void> {
  if (stream === null) return Promise.resolve();
  return new Promise((resolve) => {
    stream.on('data', (data: Buffer) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(onChannel(channel, data), () => {
        if (stream.isPaused() && socket.bufferedAmount < HIGH_WATER) stream.resume();
      });
      if (socket.bufferedAmount >= HIGH_WATER) stream.pause();
    });
    stream.on('close', resolve);
    stream.on('error', () => resolve());
  });
}

/** What the client sends, kept until somebody takes it. */
export class Inbox {
  readonly #kept: Buffer[] = [];
  #take: ((message: Buffer) => void) | undefined;

  constructor(socket: WebSocket) {
    socket.on('message', (message: Buffer) => {
      if (this.#take === undefined) this.#kept.push(message);
      else this.#take(message);
    });
  }

  take(listener: (message: Buffer) => void): void {
    this.#take = listener;
    for (const message of this.#kept.splice(0)) listener(message);
  }

  /** The size of the client's terminal, if it comes soon: clients send it as soon as they are connected. */
  async firstSize(milliseconds: number): Promise<TerminalSize | undefined> {
    const deadline = AbortSignal.timeout(milliseconds);
    return new Promise((resolve) => {
      deadline.addEventListener('abort', () => resolve(undefined));
      this.#take = (message) => {
        this.#kept.push(message);
        const size = message[0] === RESIZE ? terminalSize(message.subarray(1)) : undefined;
        if (size !== undefined) resolve(size);
      };
      for (const message of this.#kept.splice(0)) this.#take(message);
    });
  }
}

/** Writes what the client sends to the command's stdin, and ends it when the client does. */
export function feed(
  socket: WebSocket,
  inbox: Inbox,
  child: ChildProcess,
  resize: (size: TerminalSize) => void,
): void {
  const { stdin } = child;
  stdin?.on('error', () => {});
  inbox.take((message) => {
    const data = message.subarray(1);
    if (message[0] === STDIN && stdin !== null && !stdin.writableEnded) {
      if (!stdin.write(data)) {
        socket.pause();
        stdin.once('drain', () => socket.resume());
      }
    } else if (message[0] === RESIZE) {
      const size = terminalSize(data);
      if (size !== undefined) resize(size);
    } else if (message[0] === CLOSE && data[0] === STDIN) stdin?.end();
  });
  stdin?.on('close', () => socket.resume());
}

/** How much of the end of a command's words is kept, characters. */
const SAID = 512;

/** What the real kubelet says of a program that the container does not have; crun's own words are other ones. */
export function missingProgram(said: string): string | undefined {
  const name = /executable file `(.+)` not found in \$PATH/.exec(said)?.[1];
  if (name === undefined) return undefined;
  return `Internal error occurred: error executing command in container: exec: "${name}": executable file not found in $PATH`;
}

/** Runs a command in a container for the client at the other end of a WebSocket, and tells it how it ended. */
export async function execSession(
  socket: WebSocket,
  target: ExecTarget,
  request: ExecRequest,
): Promise<void> {
  const inbox = new Inbox(socket);
  const finish = (status: Record<string, unknown>) => {
    socket.send(onChannel(ERROR, JSON.stringify(status)), () => socket.close(1000));
  };
  try {
    const argv = await execCommand(target, request.command, { tty: request.tty });
    const size = request.tty ? await inbox.firstSize(FIRST_SIZE) : undefined;
    const terminal = request.tty ? startOnTerminal(argv, size) : undefined;
    const child =
      terminal?.child ?? spawn(argv[0] as string, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    feed(socket, inbox, child, (wanted) => terminal?.resize(wanted));
    if (!request.stdin && !request.tty) child.stdin?.end();
    const output = Promise.all([
      pump(request.stdout ? child.stdout : drop(child.stdout), STDOUT, socket),
      pump(request.stderr ? child.stderr : drop(child.stderr), STDERR, socket),
    ]);
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
    socket.on('close', () => {
      child.kill('SIGHUP');
      child.kill('SIGKILL');
    });
    let said = '';
    (request.tty ? child.stdout : child.stderr)?.on('data', (data: Buffer) => {
      said = (said + data.toString('utf8')).slice(-SAID);
    });
    const code = await ended;
    await output;
    const missing = code === 255 ? missingProgram(said) : undefined;
    finish(missing === undefined ? exitStatus(code) : failureStatus(missing));
  } catch (error) {
    finish(failureStatus((error as Error).message));
  }
}

/** Reads a stream that nobody wants. */
export function drop(stream: Readable | null): null {
  stream?.resume();
  return null;
}
