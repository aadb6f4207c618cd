import { connect, type TLSSocket } from 'node:tls';
import { type HttpAnswer, readAnswer } from './http-answer.ts';

/** An answer takes this long at most; the runtime has a deadline of its own. */
const DEADLINE_MS = 10_000;
/** A connection that was idle for longer is made anew: servers close theirs after some seconds, maybe just now. */
const IDLE_MS = 2000;

export interface ServerAddress {
  /** e.g. `https://10.1.110.108:6443`. */
  readonly server: string;
  readonly token: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

/**
 * One TLS connection to one server, and one request after the other on it. Node's own HTTP client does the same, and
 * much more, and loading it takes longer than all the requests of a pod.
 */
export class Connection {
  readonly #address: ServerAddress;
  #socket: Promise<TLSSocket> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #used = 0;

  constructor(address: ServerAddress) {
    this.#address = address;
  }

  /** Requests made at once follow each other. @throws Error when there is no answer */
  send(request: HttpRequest): Promise<HttpAnswer> {
    const answer = this.#last.then(() => this.#exchange(request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #exchange(request: HttpRequest): Promise<HttpAnswer> {
    if (performance.now() - this.#used > IDLE_MS) this.#forget();
    this.#socket ??= this.#open();
    try {
      const socket = await this.#socket;
      const answered = answerOn(socket, `${request.method} ${request.path}`);
      socket.write(this.#render(request));
      const answer = await answered;
      this.#used = performance.now();
      if (!answer.keepAlive) this.#forget();
      return answer;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #open(): Promise<TLSSocket> {
    const { hostname: host, port } = new URL(this.#address.server);
    const opened = new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect({ host, port: Number(port || 443), ca: this.#address.ca });
      socket.setNoDelay(true);
      socket.setTimeout(DEADLINE_MS, () =>
        socket.destroy(new Error(`no answer from ${this.#address.server} within ${DEADLINE_MS / 1000} s`)),
      );
      socket.once('secureConnect', () => resolve(socket));
      socket.on('error', reject);
      // A server that goes away says so while nobody is asking, too.
      socket.once('close', () => {
        if (this.#socket === opened) this.#socket = undefined;
      });
    });
    return opened;
  }

  #forget(): void {
    this.#socket?.then((socket) => socket.destroy()).catch(() => {});
    this.#socket = undefined;
  }

  #render({ method, path, contentType = 'application/json', body }: HttpRequest): string {
    const { server, token } = this.#address;
    const head = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${new URL(server).host}`,
      'User-Agent: calico-cni',
      'Accept: application/json',
      `Authorization: Bearer ${token}`,
      ...(body === undefined
        ? []
        : [`Content-Type: ${contentType}`, `Content-Length: ${Buffer.byteLength(body)}`]),
    ];
    return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`;
  }
}

function answerOn(socket: TLSSocket, what: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const answer = readAnswer(bytes);
        if (answer) done(() => resolve(answer));
      } catch (error) {
        done(() => reject(error));
      }
    };
    const onError = (error: Error) => done(() => reject(error));
    const onClose = () => done(() => reject(new Error(`the server closed the connection during ${what}`)));
    const done = (settle: () => void) => {
      socket.off('data', onData).off('error', onError).off('close', onClose);
      settle();
    };
    socket.on('data', onData).on('error', onError).on('close', onClose);
  });
}
