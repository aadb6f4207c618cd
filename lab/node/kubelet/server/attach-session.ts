import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { WebSocket } from 'ws';
import { ATTACH_PROGRAM, resizeTerminal } from '../../runtime/index.ts';
import { ERROR, exitStatus, failureStatus, onChannel, STDERR, STDOUT } from './channels.ts';
import { readLog } from './container-logs.ts';
import { drop, type ExecRequest, feed, Inbox, pump } from './exec-session.ts';

/** A running container that somebody attaches to. */
export interface AttachTarget {
  /** conmon's socket for it. */
  readonly socketPath: string;
  readonly bundle: string;
  readonly logPath: string;
  /** What its spec says. */
  readonly stdin: boolean;
  readonly tty: boolean;
  /** Resolves when the container has ended. */
  readonly ended: Promise<void>;
}

type Wanted = Pick<ExecRequest, 'stdin' | 'stdout' | 'stderr'>;

/** Connects a client with a running container until one of them ends; what the container does is not affected otherwise. */
export async function attachSession(socket: WebSocket, target: AttachTarget, wanted: Wanted): Promise<void> {
  const run = wanted.stdin && target.stdin ? connect : listen;
  const status = await run(socket, target, wanted).catch((error: Error) => failureStatus(error.message));
  socket.send(onChannel(ERROR, JSON.stringify(status)), () => socket.close(1000));
}

/** Input and output. A client that does not read its output holds up the container, as one does under containerd. */
async function connect(
  socket: WebSocket,
  { socketPath, bundle, tty }: AttachTarget,
  wanted: Wanted,
): Promise<Record<string, unknown>> {
  const inbox = new Inbox(socket);
  const child = spawn(ATTACH_PROGRAM, [socketPath, '3'], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  const connected = child.stdio[3] as Readable;
  socket.on('close', () => child.kill());
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = data.toString('utf8');
  });
  const closed = once(child, 'close');
  // Not before somebody listens: a shell that has drawn its prompt already draws it again when the size changes.
  void once(connected.resume(), 'close').then(() =>
    feed(socket, inbox, child, ({ columns, rows }) => {
      if (tty) void resizeTerminal(bundle, columns, rows);
    }),
  );
  const output = Promise.all([
    pump(wanted.stdout ? child.stdout : drop(child.stdout), STDOUT, socket),
    pump(wanted.stderr && !tty ? child.stderr : drop(child.stderr), STDERR, socket),
  ]);
  const [code] = (await closed) as [number | null];
  await output;
  return code === 0 || code === null ? exitStatus(0) : failureStatus(said.trim());
}

/**
 * Output alone, from the log: conmon takes the end of any connection for the end of the container's input, and would not
 * go on before every one of them has taken what was written.
 */
async function listen(
  socket: WebSocket,
  { logPath, ended, tty }: AttachTarget,
  wanted: Wanted,
): Promise<Record<string, unknown>> {
  const closed = new AbortController();
  socket.on('close', () => closed.abort());
  const show = async (stream: 'stdout' | 'stderr', channel: number): Promise<void> => {
    const options = {
      follow: true,
      previous: false,
      timestamps: false,
      tailLines: 0,
      since: undefined,
      limitBytes: undefined,
      stream,
    };
    for await (const text of readLog(logPath, options, ended, closed.signal))
      socket.send(onChannel(channel, text));
  };
  await Promise.all([
    wanted.stdout ? show('stdout', STDOUT) : ended,
    wanted.stderr && !tty ? show('stderr', STDERR) : ended,
  ]);
  return exitStatus(0);
}
