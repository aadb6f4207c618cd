import { randomUUID } from 'node:crypto';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { Engine } from './connect.ts';
import { asking, shellQuote } from './errors.ts';

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly cwd?: string;
}

export interface AttachedExecOptions extends ExecOptions {
  /** Copied to the command; its end is the command's end of file. Without it stdin is empty. */
  readonly stdin?: Readable;
  readonly stdout: Writable;
  /** Not used with `tty`, where the terminal merges both. */
  readonly stderr?: Writable;
  /** Give the command a terminal of the size of `stdout` and follow its resizes. The caller puts stdin into raw mode. */
  readonly tty?: boolean;
  /** Kills the command and all it started. */
  readonly signal?: AbortSignal;
}

export interface Captured {
  /** The command's exit code; 126 and 127 also when it could not be run, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Marks the processes of one exec, so that they can be found and killed: the engine itself cannot kill an exec. */
const MARK = 'HOPLAB_EXEC';

/** Runs a command in a container with the given streams; resolves to the command's exit code. */
export async function exec(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options: AttachedExecOptions,
): Promise<number> {
  const mark = randomUUID();
  const attached = await attach(
    engine,
    container,
    argv,
    { ...options, env: { ...options.env, [MARK]: mark } },
    options.stdin !== undefined,
    options.tty ?? false,
  );
  const { duplex } = attached;
  const follow = () => void attached.resize(options.stdout as Partial<NodeJS.WriteStream>);
  const onAbort = () => void killMarked(engine, container, mark).catch(() => duplex.destroy());
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (options.signal?.aborted) onAbort();
    if (options.tty) {
      follow();
      options.stdout.on('resize', follow);
      duplex.pipe(options.stdout, { end: false });
    } else {
      engine.docker.modem.demuxStream(duplex, options.stdout, options.stderr ?? options.stdout);
    }
    options.stdin?.pipe(duplex as unknown as Writable);
    await ended(duplex);
    return await attached.exitCode();
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    options.stdout.off('resize', follow);
    options.stdin?.unpipe(duplex as unknown as Writable);
    options.stdin?.pause();
    duplex.destroy();
  }
}

/** Runs a command without a terminal and collects what it prints (UTF-8). Never throws for an exit code. */
export async function capture(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options: ExecOptions & { readonly stdin?: string | Uint8Array; readonly signal?: AbortSignal } = {},
): Promise<Captured> {
  const { stdin, ...rest } = options;
  const stdout = new Collector();
  const stderr = new Collector();
  const input = stdin === undefined ? undefined : new PassThrough();
  input?.end(Buffer.from(stdin ?? ''));
  const code = await exec(engine, container, argv, {
    ...rest,
    ...(input ? { stdin: input } : {}),
    stdout,
    stderr,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

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
{ while read -r signal <&3; do kill -s "$signal" -- "-$command"; done; kill -- "-$command"; } 2>/dev/null & watcher=$!
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
      if (duplex.writable) duplex.write(`${signal}\n`);
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

/** Writes a file of a running container atomically (temporary file, then rename), also on tmpfs. */
export async function writeFile(
  engine: Engine,
  container: string,
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const script =
    'mkdir -p "$(dirname "$1")" && cat >"$1.hoplab~" && chmod "$2" "$1.hoplab~" && mv "$1.hoplab~" "$1"';
  const argv = ['/bin/sh', '-c', script, 'write', path, mode.toString(8)];
  const result = await capture(engine, container, argv, { stdin: content });
  if (result.code === 0) return;
  await asking(
    `${path} cannot be written in container ${container}`,
    ['docker', 'exec', '-i', container, ...argv],
    () => Promise.reject(new Error(result.stderr.trim())),
  );
}

interface Attached {
  readonly duplex: NodeJS.ReadWriteStream & { destroy(): void; readonly writable: boolean };
  exitCode(): Promise<number>;
  resize(terminal: Partial<NodeJS.WriteStream>): Promise<void>;
}

async function attach(
  engine: Engine,
  container: string,
  argv: readonly string[],
  options: ExecOptions,
  stdin: boolean,
  tty: boolean,
): Promise<Attached> {
  const flags = [stdin ? '-i' : '', tty ? '-t' : ''].filter(Boolean);
  const command = ['docker', 'exec', ...flags, container, ...argv];
  return asking(`a command cannot be run in container ${container}`, command, async () => {
    const execution = await engine.docker.getContainer(container).exec({
      Cmd: [...argv],
      AttachStdin: stdin,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      ...(options.env ? { Env: Object.entries(options.env).map(([key, value]) => `${key}=${value}`) } : {}),
      ...(options.user === undefined ? {} : { User: options.user }),
      ...(options.cwd === undefined ? {} : { WorkingDir: options.cwd }),
    });
    // Always hijacked: only an upgraded connection can be half-closed, which is the command's end of file.
    const duplex = await execution.start({ hijack: true, stdin, Tty: tty });
    return {
      duplex,
      exitCode: () =>
        asking(`the exit code of ${shellQuote(argv)} is not known`, command, () => exitCodeOf(execution)),
      resize: async ({ rows, columns }) => {
        if (rows && columns) await execution.resize({ h: rows, w: columns }).catch(() => {}); // it may just have ended
      },
    };
  });
}

/** The output can end a moment before the engine has noted the exit; then it says that the command still runs. */
async function exitCodeOf(execution: {
  inspect(): Promise<{ Running: boolean; ExitCode: number | null }>;
}): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { Running, ExitCode } = await execution.inspect();
    if (!Running && ExitCode !== null) return ExitCode;
    if (Date.now() > deadline) throw new Error('its output has ended but the engine says that it still runs');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function ended(duplex: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    duplex.on('end', resolve);
    duplex.on('close', resolve);
    duplex.on('error', reject);
  });
}

/** Kills every process that carries the mark in its environment. */
async function killMarked(engine: Engine, container: string, mark: string): Promise<void> {
  const script = `for process in $(grep -lsa "${MARK}=${mark}" /proc/[0-9]*/environ); do process=\${process#/proc/}; kill "\${process%/environ}"; done`;
  await capture(engine, container, ['/bin/sh', '-c', script]);
}

class Collector extends PassThrough {
  private readonly chunks: Buffer[] = [];
  constructor() {
    super();
    this.on('data', (chunk: Buffer) => this.chunks.push(chunk));
  }
  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
