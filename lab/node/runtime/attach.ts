import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { conmonSocketsDir, type NodePaths } from './paths.ts';

/** Connects its own stdin, stdout and stderr with a container's (images/node/native/attach). */
export const ATTACH_PROGRAM = '/usr/local/sbin/conmon-attach';

/** Where conmon offers the stdin, stdout and stderr of a container. @param id the container's id */
export const attachSocket = (paths: NodePaths, id: string): string =>
  join(conmonSocketsDir(paths), id, 'attach');

/** conmon's message for a new size of the terminal, of the three numbers that it reads as a line (its ctrl.c). */
export const resizeMessage = (columns: number, rows: number): string => `1 ${rows} ${columns}\n`;

/**
 * Sets the size of the terminal of a container that was made with one. A container that has ended is no error.
 * @param bundle the container's bundle, where conmon keeps its control FIFO
 */
export async function resizeTerminal(bundle: string, columns: number, rows: number): Promise<void> {
  // Not blocking: without a conmon at the other end open(2) says ENXIO.
  const file = await open(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined) return;
  try {
    // Shorter than PIPE_BUF, so never mixed with another's.
    await file.write(resizeMessage(columns, rows));
  } catch {
    // It ended just now.
  } finally {
    await file.close();
  }
}
