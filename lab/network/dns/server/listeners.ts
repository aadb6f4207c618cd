import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { Endpoint } from '../corefile/index.ts';
import type { Proto } from './handle.ts';
import type { Remote } from './log-line.ts';
import { listenTcp } from './tcp.ts';
import { listenUdp } from './udp.ts';

interface Pair {
  readonly udp: Socket;
  readonly tcp: Server;
}

/** How an address's questions are answered: looked up for every message, so that a new Corefile needs no new sockets. */
export type AnswerAt = (
  at: Endpoint,
  proto: Proto,
  bytes: Buffer,
  remote: Remote,
) => Buffer | undefined | Promise<Buffer>;

const keyOf = ({ host, port }: Endpoint) => `${host} ${port}`;
/** Free ports are tried so often until one is free for both protocols. */
const FREE_PORT_TRIES = 20;

/** The addresses on which questions are taken, over UDP and TCP both. */
export class Listeners {
  readonly #open = new Map<string, Pair>();
  readonly #answer: AnswerAt;

  constructor(answer: AnswerAt) {
    this.#answer = answer;
  }

  /**
   * Opens what is new and then closes what is not wanted any more; addresses that stay are not touched.
   *
   * @throws Error when one cannot be opened; then everything is as it was before
   */
  async apply(wanted: readonly Endpoint[]): Promise<void> {
    const opened: string[] = [];
    try {
      for (const at of wanted) {
        const key = keyOf(at);
        if (this.#open.has(key)) continue;
        this.#open.set(key, await this.#pair(at));
        opened.push(key);
      }
    } catch (error) {
      await Promise.all(opened.map((key) => this.#close(key)));
      throw error;
    }
    const keys = new Set(wanted.map(keyOf));
    await Promise.all([...this.#open.keys()].filter((key) => !keys.has(key)).map((key) => this.#close(key)));
  }

  /** The port that was bound, where any free one was asked for. */
  port(at: Endpoint): number | undefined {
    return this.#open.get(keyOf(at))?.udp.address().port;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  async #pair(at: Endpoint): Promise<Pair> {
    for (let attempt = 1; ; attempt++) {
      const tcp = await listenTcp(at, (bytes, remote) => this.#answer(at, 'tcp', bytes, remote));
      const port = (tcp.address() as AddressInfo).port;
      try {
        const udp = await listenUdp({ ...at, port }, (bytes, remote) =>
          this.#answer(at, 'udp', bytes, remote),
        );
        return { tcp, udp };
      } catch (error) {
        tcp.close();
        if (at.port !== 0 || attempt === FREE_PORT_TRIES) throw error;
      }
    }
  }

  async #close(key: string): Promise<void> {
    const pair = this.#open.get(key);
    if (!pair) return;
    this.#open.delete(key);
    pair.udp.close();
    pair.tcp.close();
    await Promise.all([once(pair.udp, 'close'), once(pair.tcp, 'close')]);
  }
}
