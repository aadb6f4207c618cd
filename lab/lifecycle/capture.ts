import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type Engine, type StreamedExec, stream } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { RunningLab } from './find-lab.ts';
import { findTarget, type Target } from './targets.ts';

export interface CaptureRequest {
  readonly target: string;
  readonly interface: string;
  /** tcpdump's filter expression and further options. */
  readonly filter: readonly string[];
  /** pcap instead of text: a file, or `-` for stdout. */
  readonly write?: string;
  /** Stop after this many packets. */
  readonly count?: string;
}

/**
 * tcpdump's command line. Packets are shown as they come (-l, -U), without name look-ups (-n), because the names of
 * a lab's addresses would be asked of servers that are part of the experiment.
 */
export function tcpdumpArgv(request: CaptureRequest): string[] {
  return [
    'tcpdump',
    '-n',
    '-i',
    request.interface,
    ...(request.count ? ['-c', request.count] : []),
    ...(request.write ? ['-U', '-w', '-'] : ['-l']),
    ...request.filter,
  ];
}

/** In a pod's own network namespace, with the node's tcpdump: a pod's image need not have one. */
export function captureArgv(target: Target, request: CaptureRequest): string[] {
  const tcpdump = tcpdumpArgv(request);
  if (!target.pod) return tcpdump;
  // A pod of the host's network has none of its own: its interfaces are the node's.
  const script =
    'if netns=$(nodectl netns "$1" 2>/dev/null); then shift; exec nsenter --net="$netns" "$@"; else shift; exec "$@"; fi';
  return ['/bin/sh', '-c', script, 'capture', target.pod, ...tcpdump];
}

/**
 * Captures until tcpdump ends or the user interrupts.
 *
 * @returns tcpdump's exit code; an interrupt is its ordinary end
 */
export async function captureAttached(
  engine: Engine,
  lab: RunningLab,
  request: CaptureRequest,
): Promise<number> {
  if (request.write === '-' && process.stdout.isTTY) {
    throw new HoplabError({
      code: 'E_USAGE',
      message: 'pcap does not go to a terminal',
      next: `npm run -s lab -- capture ${request.target} ${request.interface} -w - | wireshark -k -i -`,
      exitCode: EXIT.usage,
    });
  }
  const target = await findTarget(engine, lab, request.target);
  const file = request.write && request.write !== '-' ? await openFile(request.write) : undefined;
  const running = await stream(engine, target.container.id, captureArgv(target, request));
  const interrupt = () => void running.kill('INT');
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await copyOut(running, file, interrupt);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Opened before anything runs, so that a bad path costs nothing. */
async function openFile(path: string): Promise<WriteStream> {
  const file = createWriteStream(path);
  try {
    await once(file, 'open');
  } catch (error) {
    throw new HoplabError({
      code: 'E_WRITE',
      message: `${path} cannot be written: ${(error as Error).message}`,
      exitCode: EXIT.usage,
      cause: error,
    });
  }
  return file;
}

async function copyOut(
  running: StreamedExec,
  file: WriteStream | undefined,
  stop: () => void,
): Promise<number> {
  running.stderr.pipe(process.stderr, { end: false });
  const out = file ?? process.stdout;
  // The reader of a pipe (head, Wireshark) may leave first: that ends the capture and is no error.
  out.on('error', stop);
  running.stdout.pipe(out, { end: file !== undefined });
  const code = await running.exit;
  if (file) await finished(file);
  else if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
  return code;
}
