import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { notFound, StatusError } from '../registry/index.ts';
import type { Answering } from './answer.ts';
import { isProxied, kubeletTarget, proxyUpgrade } from './proxy.ts';
import { parseResourcePath } from './request-info.ts';

/**
 * Answers a request that turns its connection into a stream: exec, attach, portforward.
 * @param internal makes the answer to what is no StatusError, and logs it
 */
export function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { authenticator, state, kubelet }: Pick<Answering, 'authenticator' | 'state' | 'kubelet'>,
  internal: (error: unknown) => StatusError,
): void {
  const fail = (error: unknown): void => {
    const status = error instanceof StatusError ? error : internal(error);
    const body = JSON.stringify(status.toStatus());
    socket.end(
      `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  };
  socket.on('error', () => socket.destroy());
  try {
    authenticator.authenticate(request);
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = parseResourcePath(mark < 0 ? url : url.slice(0, mark));
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    if (!isProxied(path) || path.subresource === 'log')
      throw notFound({ group: '', name: 'upgrade' }, mark < 0 ? url : url.slice(0, mark));
    const target = kubeletTarget(state, path, query);
    // From here on the connection belongs to the stream, which may be silent for long.
    (socket as Socket).setTimeout(0);
    proxyUpgrade(request, socket, head, target, kubelet, fail);
  } catch (error) {
    fail(error);
  }
}
