import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../corefile/index.ts';
import type { Remote } from './log-line.ts';

export type Answer = (bytes: Buffer, remote: Remote) => Buffer | undefined | Promise<Buffer>;

/**
 * Listens for datagrams.
 *
 * @returns the bound socket
 * @throws Error when the address is taken
 */
export async function listenUdp({ host, port }: Endpoint, answer: Answer): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' });
  const send = (bytes: Buffer | undefined, { address, port }: Remote) => {
    // A datagram that cannot be sent (asker gone, no route) is lost, as any may be.
    if (bytes && port !== 0) socket.send(bytes, port, address, () => {});
  };
  socket.on('message', (bytes, remote) => {
    const result = answer(bytes, remote);
    if (result instanceof Promise) void result.then((later) => isOpen && send(later, remote));
    else send(result, remote);
  });
  let isOpen = true;
  socket.once('close', () => {
    isOpen = false;
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  socket.on('error', () => {});
  return socket;
}
