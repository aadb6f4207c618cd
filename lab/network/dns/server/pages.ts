import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from '../corefile/index.ts';

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Pages by path, on one address. */
export type Pages = Readonly<Record<string, () => Page>>;

export const textPage = (status: number, text: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  text,
});

const keyOf = ({ host, port }: Endpoint) => `${host} ${port}`;

/** The small HTTP servers of `health`, `ready` and `prometheus`; those with one address share a server. */
export class PageServers {
  readonly #open = new Map<string, { readonly server: Server; pages: Pages }>();

  /** As Listeners.apply. */
  async apply(wanted: readonly { readonly at: Endpoint; readonly pages: Pages }[]): Promise<void> {
    const merged = new Map<string, { at: Endpoint; pages: Pages }>();
    for (const { at, pages } of wanted) {
      merged.set(keyOf(at), { at, pages: { ...merged.get(keyOf(at))?.pages, ...pages } });
    }
    const opened: string[] = [];
    try {
      for (const [key, { at, pages }] of merged) {
        if (this.#open.has(key)) continue;
        this.#open.set(key, { server: await this.#listen(key, at), pages });
        opened.push(key);
      }
    } catch (error) {
      await Promise.all(opened.map((key) => this.#close(key)));
      throw error;
    }
    for (const [key, entry] of [...this.#open]) {
      const now = merged.get(key);
      if (now) entry.pages = now.pages;
      else await this.#close(key);
    }
  }

  port(at: Endpoint): number | undefined {
    return (this.#open.get(keyOf(at))?.server.address() as AddressInfo | undefined)?.port;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  async #listen(key: string, { host, port }: Endpoint): Promise<Server> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/\?.*/s, '');
      const pages = this.#open.get(key)?.pages ?? {};
      const { status, type, text } =
        (Object.hasOwn(pages, path) && pages[path]?.()) || textPage(404, '404 page not found\n');
      response.writeHead(status, { 'content-type': type }).end(request.method === 'HEAD' ? '' : text);
    });
    server.listen({ host, port });
    await once(server, 'listening');
    return server;
  }

  async #close(key: string): Promise<void> {
    const entry = this.#open.get(key);
    if (!entry) return;
    this.#open.delete(key);
    entry.server.close();
    entry.server.closeAllConnections();
    await once(entry.server, 'close');
  }
}
