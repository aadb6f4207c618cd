import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { PluginOutput } from './plugin.ts';

/** A series of pods is wired by one process; its memory is given back when none has come for so long. */
const IDLE_MS = 20_000;

type Handle = (env: Readonly<Record<string, string>>, stdin: string) => Promise<PluginOutput>;

/**
 * Answers requests of the plugin's front (images/node/native/cni) at a socket, until none has come for a while.
 *
 * @param listen what the server listens at: the descriptor that the front has opened
 * @param path the socket's name, removed at the end; a front that is too late runs the program for itself
 * @returns when it has ended
 */
export async function serve(
  listen: { readonly fd: number } | { readonly path: string },
  path: string,
  handle: Handle,
  idle = IDLE_MS,
): Promise<void> {
  let active = 0;
  let server: Server;
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(() => {
      // The name first: whoever comes now starts another. Who is in the queue is refused, and does it alone.
      unlinkSync(path);
      server.close();
    }, idle);
  };
  wait();
  await new Promise<void>((resolve, reject) => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      active += 1;
      clearTimeout(timer);
      void answer(socket, handle).finally(() => {
        active -= 1;
        if (active === 0) wait();
      });
    });
    server.on('error', reject).on('close', resolve).listen(listen);
  });
}

async function answer(socket: Socket, handle: Handle): Promise<void> {
  socket.on('error', () => {});
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
    const { env, stdin } = parseRequestBytes(Buffer.concat(chunks));
    const { exitCode, stdout } = await handle(env, stdin);
    socket.end(`${exitCode}${stdout === '' ? '' : `${stdout}\n`}`);
  } catch {
    // Without an answer the front does it alone, and says what is wrong.
    socket.destroy();
  }
}

/** The request's form: images/node/native/cni/message.c. @throws Error when it is cut short */
export function parseRequestBytes(bytes: Buffer): { env: Record<string, string>; stdin: string } {
  const env: Record<string, string> = {};
  for (let at = 0; ; ) {
    const end = bytes.indexOf(0, at);
    if (end === -1) throw new Error('the request is cut short');
    if (end === at) return { env, stdin: bytes.toString('utf8', end + 1) };
    const [name = '', ...value] = bytes.toString('utf8', at, end).split('=');
    env[name] = value.join('=');
    at = end + 1;
  }
}
