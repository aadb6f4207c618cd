import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EXIT, HoplabError } from '../../errors/index.ts';
import { carry } from './carry.ts';

export interface Tunnel {
  /** The local port. */
  readonly port: number;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and carries each connection over a socat of its own.
 *
 * @param port 0 for a free one
 * @param connect starts a socat; see {@link carry}
 * @param onError receives each complaint once, until a connection works again
 * @throws HoplabError E_PORT when the port cannot be had
 */
export async function openTunnel(
  port: number,
  connect: () => Promise<Duplex>,
  onError: (message: string) => void,
): Promise<Tunnel> {
  const clients = new Set<Socket>();
  let last = '';
  const complain = (message: string) => {
    if (message !== last) onError(message);
    last = message;
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy()); // it may leave before socat has started
    connect().then(
      (socat) => {
        if (client.destroyed) socat.destroy();
        else void carry(client, socat, complain);
      },
      (error: Error) => {
        complain(error.message);
        client.destroy();
      },
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: Error) => {
    throw new HoplabError({
      code: 'E_PORT',
      message: `port ${port} of 127.0.0.1 cannot be had: ${cause.message}`,
      exitCode: EXIT.usage,
      next: 'give another port',
      cause,
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}
