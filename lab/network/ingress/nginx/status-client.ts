import { request } from 'node:http';

export interface ConnectionCounts {
  readonly active: number;
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

const TIMEOUT_MS = 5_000;

/** nginx's own server on 127.0.0.1. */
export class StatusClient {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /** Checksum of the configuration whose worker answers; undefined while none does. */
  async checksum(): Promise<string | undefined> {
    try {
      const { code, body } = await this.#ask('GET', '/configuration/checksum');
      return code === 200 ? body : undefined;
    } catch {
      return undefined;
    }
  }

  async isHealthy(): Promise<boolean> {
    return this.#ask('GET', '/healthz').then(
      ({ code }) => code === 200,
      () => false,
    );
  }

  /** @throws Error when nginx does not take it */
  async post(dynamic: string): Promise<void> {
    const { code, body } = await this.#ask('POST', '/configuration/backends', dynamic);
    if (code !== 201) throw new Error(`unexpected error code: ${code} ${body.trim()}`);
  }

  /** ngx_http_stub_status_module. */
  async counts(): Promise<ConnectionCounts | undefined> {
    const { body } = await this.#ask('GET', '/nginx_status').catch(() => ({ body: '' }));
    const numbers = [...body.matchAll(/\d+/g)].map(([digits]) => Number(digits));
    const [active, accepted, handled, requests, reading, writing, waiting] = numbers;
    if (waiting === undefined) return undefined;
    return { active, accepted, handled, requests, reading, writing, waiting } as ConnectionCounts;
  }

  #ask(method: string, path: string, body?: string): Promise<{ code: number; body: string }> {
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        agent: false,
        timeout: TIMEOUT_MS,
      };
      const asked = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      });
      asked.on('timeout', () => asked.destroy(new Error('nginx does not answer')));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
