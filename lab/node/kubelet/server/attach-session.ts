import type { WebSocket } from 'ws';
import { ERROR, exitStatus, onChannel, STDOUT } from './channels.ts';
import { readLog } from './container-logs.ts';

/**
 * Shows what a running container writes from now on. The container's own stdin is not connected: the runtime starts
 * containers without one.
 * @param ended resolves when the container has ended
 */
export async function attachSession(socket: WebSocket, logPath: string, ended: Promise<void>): Promise<void> {
  const closed = new AbortController();
  socket.on('close', () => closed.abort());
  const options = {
    follow: true,
    previous: false,
    timestamps: false,
    tailLines: 0,
    since: undefined,
    limitBytes: undefined,
  };
  for await (const text of readLog(logPath, options, ended, closed.signal))
    socket.send(onChannel(STDOUT, text));
  socket.send(onChannel(ERROR, JSON.stringify(exitStatus(0))), () => socket.close(1000));
}
