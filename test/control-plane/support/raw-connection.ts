import { connect, type TLSSocket } from 'node:tls';
import { ADMIN_TOKEN } from './client.ts';

/** One HTTP/1.1 connection with as little of a client as possible, so that benches measure the server. */
export class RawConnection {
  readonly #socket: TLSSocket;
  #buffer: Buffer[] = [];
  #received = 0;
  #expected = -1;
  #resolve: ((body: Buffer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  code = 0;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('connection closed')));
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new RawConnection(socket)));
    });
  }

  /** One request at a time. */
  send(method: string, path: string, body = ''): Promise<Buffer> {
    const head = `${method} ${path} HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer ${ADMIN_TOKEN}\r\n`;
    const content =
      body === ''
        ? '\r\n'
        : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(head + content);
    });
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#buffer.push(chunk);
    this.#received += chunk.length;
    if (this.#expected < 0) {
      const all = Buffer.concat(this.#buffer);
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = all.subarray(0, end).toString('latin1');
      this.code = Number(head.slice(9, 12));
      this.#expected = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      this.#buffer = [all];
    }
    if (this.#received < this.#expected) return;
    const body = Buffer.concat(this.#buffer);
    this.#buffer = [];
    this.#received = 0;
    this.#expected = -1;
    this.#resolve?.(body.subarray(body.indexOf('\r\n\r\n') + 4));
  }
}
