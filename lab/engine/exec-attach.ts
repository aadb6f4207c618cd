import type { Engine } from './connect.ts';
import { asking, shellQuote } from './errors.ts';

export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly cwd?: string;
}

/** A command of a container that runs with its streams connected to us. */
export interface Attached {
  readonly duplex: NodeJS.ReadWriteStream & { destroy(): void; readonly writable: boolean };
  exitCode(): Promise<number>;
  resize(terminal: Partial<NodeJS.WriteStream>): Promise<void>;
}

/** Starts a command; what it prints comes out of `duplex`, in the engine's framing unless there is a terminal. */
export async function attach(
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

/** Resolves when a stream has nothing more to say. */
export function ended(duplex: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    duplex.on('end', resolve);
    duplex.on('close', resolve);
    duplex.on('error', reject);
  });
}
