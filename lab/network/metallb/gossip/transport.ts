import { createSocket, type Socket } from 'node:dgram';
import { decode, encode, type Message } from './message.ts';

export interface GossipOptions {
  /** Address to listen on: the node's. */
  readonly address: string;
  /** 7946, as memberlist's. */
  readonly port: number;
  readonly onMessage: (message: Message, from: string) => void;
  readonly onError: (error: Error) => void;
}

/** How long messages signed with the secret before are still taken after it was changed. */
const OLD_KEY_MS = 10_000;

/** The speakers' datagrams. Nothing is sent or taken before there is a secret. */
export class Gossip {
  readonly #options: GossipOptions;
  readonly #socket: Socket;
  #keys: Buffer[] = [];

  constructor(options: GossipOptions) {
    this.#options = options;
    this.#socket = createSocket('udp4');
    this.#socket.on('error', options.onError);
    this.#socket.on('message', (datagram, { address }) => {
      const message = decode(datagram, this.#keys);
      if (message) options.onMessage(message, address);
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(this.#options.port, this.#options.address, () => {
        this.#socket.off('error', reject);
        resolve();
      });
    });
  }

  get hasKey(): boolean {
    return this.#keys.length > 0;
  }

  setKey(key: Buffer): void {
    const [current] = this.#keys;
    if (current?.equals(key)) return;
    this.#keys = current ? [key, current] : [key];
    setTimeout(() => {
      if (this.#keys[0]?.equals(key)) this.#keys = [key];
    }, OLD_KEY_MS).unref();
  }

  /** Sends to all of these addresses; a loss is nothing to be told of, the next heartbeat follows. */
  async send(message: Message, to: Iterable<string>): Promise<void> {
    const [key] = this.#keys;
    if (!key) return;
    const datagram = encode(message, key);
    const sends = [...to].map(
      (address) =>
        new Promise<void>((resolve) => {
          this.#socket.send(datagram, this.#options.port, address, () => resolve());
        }),
    );
    await Promise.all(sends);
  }

  close(): void {
    this.#socket.close();
  }
}
