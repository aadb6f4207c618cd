import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Unframe } from './frames.ts';

/**
 * socat's command line for one connection. It gets the client's half-close as end of file, passes it on, and waits for
 * the rest of the answer (-t, seconds; by default it would hang up after half a second). That the server has closed it
 * says with -d -d: it does not close its own stdout then, so nothing else would tell.
 */
export function socatArgv(host: string, port: number): string[] {
  return ['socat', '-d', '-d', '-t', '600', '-', `TCP:${host}:${port},nodelay`];
}

/** socat's notice that its second address, the server, has sent FIN (socat 1.7 and 1.8). */
const SERVER_CLOSED = / N socket 2 .* is at EOF/;
/** Its errors: `2026/01/31 12:00:00 socat[7] E connect(5, AF=2 10.1.110.28:6443, 16): Connection refused`. */
const ERROR = / E (.*)/;

/**
 * Joins a client's connection and a running socat until both directions have ended. Neither side is read faster than
 * the other one takes it.
 *
 * @param client opened with `allowHalfOpen`
 * @param socat the engine's connection to it, with the engine's framing
 * @param onError receives what socat complains about
 */
export function carry(client: Socket, socat: Duplex, onError: (message: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      client.destroy();
      socat.destroy();
      resolve();
    };
    const lines = new Lines((line) => {
      const [, message] = ERROR.exec(line) ?? [];
      if (message !== undefined) onError(message);
      if (SERVER_CLOSED.test(line)) {
        // At its end of file socat, which has no more to read anywhere, exits; the rest of its output comes before.
        client.unpipe(socat);
        client.resume();
        socat.end();
      }
    });
    const answer = new Unframe((piece) => lines.take(piece));
    for (const stream of [client, socat, answer]) stream.on('error', stop);
    client.on('close', stop);
    socat.on('close', () => answer.end());
    client.pipe(socat);
    socat.pipe(answer).pipe(client);
  });
}

class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(piece: Buffer): void {
    const lines = (this.#rest + piece.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
  }
}
