import { Readable } from 'node:stream';
import type { Engine } from './connect.ts';
import { asking } from './errors.ts';

export interface LogOptions {
  /** Only the last lines. */
  readonly tail?: number;
}

/** What a container has printed, stdout and stderr in the order in which it came. */
export async function containerLog(
  engine: Engine,
  container: string,
  options: LogOptions = {},
): Promise<string> {
  const log = await asking(`the log of ${container} cannot be read`, ['docker', 'logs', container], () =>
    engine.docker.getContainer(container).logs({ stdout: true, stderr: true, follow: false, ...options }),
  );
  return stripFrames(log as unknown as Buffer);
}

/** Copies a container's log as it grows; resolves when the container ends or the signal comes. */
export async function followLog(
  engine: Engine,
  container: string,
  out: {
    readonly stdout: NodeJS.WritableStream;
    readonly stderr: NodeJS.WritableStream;
    readonly signal: AbortSignal;
  },
  options: LogOptions = {},
): Promise<void> {
  const log = await asking(
    `the log of ${container} cannot be read`,
    ['docker', 'logs', '-f', container],
    () =>
      engine.docker.getContainer(container).logs({ stdout: true, stderr: true, follow: true, ...options }),
  );
  engine.docker.modem.demuxStream(log, out.stdout, out.stderr);
  await new Promise<void>((resolve) => {
    log.on('end', () => resolve());
    log.on('close', () => resolve());
    out.signal.addEventListener('abort', () => {
      if (log instanceof Readable) log.destroy();
      resolve();
    });
  });
}

/** Docker's logs come in frames of an 8-byte header (stream, length) and the text. */
export function stripFrames(log: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= log.length) {
    const length = log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString('utf8');
}
