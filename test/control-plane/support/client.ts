import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';

export const ADMIN_TOKEN = 'admin-token';

export interface Reply {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Strings and buffers go as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly token?: string | undefined;
}

/** A small HTTP client of one server, over connections that are kept. */
export class TestClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, sockets = 64) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: sockets });
  }

  close(): void {
    this.#agent.destroy();
  }

  send(method: string, path: string, options: SendOptions = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = this.#request(method, path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ code: response.statusCode ?? 0, headers: response.headers, text, json: asJson(text) });
        });
      });
      request.on('error', reject);
    });
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.send('POST', path, { body });
  }

  /** Calls back with each event of a watch. @returns what ends it, and a promise of its end */
  watch(
    path: string,
    // biome-ignore lint/suspicious/noExplicitAny: see Reply
    onEvent: (event: any) => void,
    headers: Readonly<Record<string, string>> = {},
  ): { readonly stop: () => void; readonly started: Promise<void>; readonly ended: Promise<void> } {
    let stop = (): void => undefined;
    let start = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const ended = new Promise<void>((resolve) => {
      // A connection of its own, so that watches do not use up the agent's.
      const options = { headers, agent: new Agent({ rejectUnauthorized: false }) };
      const request = this.#request('GET', path, options, (response) => {
        start();
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) onEvent(JSON.parse(line));
        });
        response.on('close', () => resolve());
        response.on('error', () => resolve());
      });
      request.on('error', () => resolve());
      stop = () => request.destroy();
    });
    return { stop: () => stop(), started, ended };
  }

  #request(
    method: string,
    path: string,
    { headers, body, token = ADMIN_TOKEN, agent }: SendOptions & { agent?: Agent },
    onResponse: (response: IncomingMessage) => void,
  ) {
    const payload =
      body === undefined
        ? undefined
        : typeof body === 'string' || Buffer.isBuffer(body)
          ? body
          : JSON.stringify(body);
    const request = httpsRequest(
      this.#url + (path.startsWith('/') ? '' : '/'),
      {
        method,
        agent: agent ?? this.#agent,
        path,
        headers: {
          ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      onResponse,
    );
    request.end(payload);
    return request;
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
