import { randomUUID } from 'node:crypto';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { Engine } from './connect.ts';
import { asking } from './errors.ts';
import { attach, type ExecOptions, ended } from './exec-attach.ts';

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
