import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../corefile/index.ts';
import { FrameReader, frame } from '../wire/index.ts';
import type { Answer } from './udp.ts';

export interface TcpLimits {
  /** A connection on which nothing comes and nothing is owed is closed after this (RFC 7766 §6.2.3). */
  readonly idleMs: number;
  /** Connections at once; more are closed as they come. */
  readonly connections: number;
  /** Questions of one connection that are under way; reading waits while there are more. */
  readonly pipelined: number;
}

export const TCP_LIMITS: TcpLimits = { idleMs: 10_000, connections: 512, pipelined: 100 };

/** Listens for connections, each of which may carry many questions at once; answers go back as they are ready. */
export async function listenTcp(
  { host, port }: Endpoint,
  answer: Answer,
  limits: TcpLimits = TCP_LIMITS,
): Promise<Server> {
  const open = new Set<Socket>();
  // Half-open: an asker may close its side and still wait for answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (open.size >= limits.connections) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, answer, limits);
  });
  server.listen({ host, port });
  await once(server, 'listening');
  server.on('error', () => {});
  // Closing the server ends its connections too: they would hold the process.
  server.once('close', () => open.clear());
  const close = server.close.bind(server);
  server.close = (done) => {
    for (const socket of open) socket.destroy();
    return close(done);
  };
  return server;
}

function serve(socket: Socket, answer: Answer, limits: TcpLimits): void {
  const frames = new FrameReader();
  const waiting: Buffer[] = [];
  let underWay = 0;
  const remote = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };

  const send = (bytes: Buffer | undefined) => {
    if (bytes && socket.writable) socket.write(frame(bytes));
  };
  const isFull = () => underWay >= limits.pipelined || socket.writableNeedDrain;
  const work = () => {
    while (waiting.length > 0 && !isFull()) {
      const result = answer(waiting.shift() as Buffer, remote);
      if (!(result instanceof Promise)) {
        send(result);
        continue;
      }
      underWay++;
      void result.then((bytes) => {
        underWay--;
        send(bytes);
        work();
      });
    }
    // What has been read stays small: an asker that does not take its answers is not read from.
    if (waiting.length > 0) socket.pause();
    else if (socket.isPaused()) socket.resume();
    if (ended && waiting.length === 0 && underWay === 0) socket.end();
  };
  let ended = false;

  // Slow senders run out of time too: bytes of a message that never ends do not keep the connection open for ever.
  let messageTimer: NodeJS.Timeout | undefined;
  const watchMessage = () => {
    clearTimeout(messageTimer);
    messageTimer = frames.isWaiting ? setTimeout(() => socket.destroy(), limits.idleMs) : undefined;
  };
  socket.setTimeout(limits.idleMs, () => underWay === 0 && socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(messageTimer));
  socket.on('drain', work);
  socket.on('data', (chunk) => {
    const wasWaiting = frames.isWaiting;
    const messages = frames.push(chunk);
    if (messages.length > 0 || !wasWaiting) watchMessage();
    waiting.push(...messages);
    work();
  });
  socket.on('end', () => {
    ended = true;
    work();
  });
}
