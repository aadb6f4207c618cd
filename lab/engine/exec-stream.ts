import { PassThrough, type Readable } from 'node:stream';
import type { Engine } from './connect.ts';
import { attach, type ExecOptions, ended } from './exec-attach.ts';

/** A running command whose output is read while it runs. */
export interface StreamedExec {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves to the exit code when the command has ended. */
  readonly exit: Promise<number>;
  /** The lines of stdout, without their ends. Leaving the loop does not end the command; a later loop goes on after it. */
  lines(): AsyncIterable<string>;
  /** Sends a signal (`TERM` by default) and resolves with the exit code. */
  kill(signal?: 'TERM' | 'INT' | 'KILL' | 'HUP'): Promise<number>;
}

/**
 * Runs beside the command and reads signal names from stdin; at its end (this process has died and the engine closed
 * the connection) the command is terminated. So nothing outlives its reader. The command's own stdin is empty.
 * The command gets a process group, because a shell keeps a parent for `a; b`, and its SIGINT back, which a
 * non-interactive shell takes away from what it starts in the background (POSIX, "Asynchronous Lists").
 */
const WATCHED = `exec 3<&0
setsid env --default-signal=INT,QUIT "$@" </dev/null 3<&- & command=$!
{ while read -r signal <&3; do
    until kill -s "$signal" -- "-$command"; do kill -0 "$command" || break; done
  done; kill -- "-$command"; } 2>/dev/null & watcher=$!
exec 3<&-
code=0; wait "$command" || code=$?
kill "$watcher" 2>/dev/null
exit "$code"`;

/**
 * Starts a command whose output is followed, such as tcpdump or `ip monitor`. It ends by itself, by `kill`, or when
 * this process ends. Resolves when the engine has started it.
 */
export async function stream(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<StreamedExec> {
  const attached = await attach(
    engine,
    container,
    ['/bin/sh', '-c', WATCHED, 'watched', ...argv],
    options,
    true,
    false,
  );
  const { duplex } = attached;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  engine.docker.modem.demuxStream(duplex, stdout, stderr);
  const exit = ended(duplex).then(async () => {
    stdout.end();
    stderr.end();
    duplex.destroy();
    return attached.exitCode();
  });
  exit.catch(() => {}); // reported to whoever awaits it
  return {
    stdout,
    stderr,
    exit,
    lines: () => linesOf(stdout.iterator({ destroyOnReturn: false })),
    kill: (signal = 'TERM') => {
      stdout.resume();
      stderr.resume();
      const send = (name: string) => {
        if (duplex.writable) duplex.write(`${name}\n`);
      };
      send(signal);
      // Lost when it came before the command had its own handlers, or unwelcome: then harder, as a service manager does.
      const timers = [
        setTimeout(send, 500, signal),
        setTimeout(send, 2000, 'TERM'),
        setTimeout(send, 5000, 'KILL'),
      ];
      const done = () => {
        for (const timer of timers) clearTimeout(timer);
      };
      exit.then(done, done);
      return exit;
    },
  };
}

/** Splits a stream of bytes into lines. */
export async function* linesOf(readable: AsyncIterable<Uint8Array | string>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of readable) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest) yield rest;
}
