import { createServer, type Server } from 'node:http';
import type { Log } from '../../../api/klog.ts';

export interface Reply {
  readonly code: number;
  readonly body: string;
  readonly contentType?: string;
}

/**
 * A small HTTP server for metrics or health.
 *
 * @param address e.g. `0.0.0.0:10256`
 * @param paths what is answered at each path; others get 404
 */
export function statusServer(
  address: string,
  paths: Readonly<Record<string, () => Reply>>,
  log: Log,
): Server {
  const colon = address.lastIndexOf(':');
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const reply = Object.hasOwn(paths, path) ? paths[path]?.() : undefined;
    if (!reply) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    response.writeHead(reply.code, { 'Content-Type': reply.contentType ?? 'application/json' });
    response.end(reply.body);
  });
  server.on('error', (err) => log.error('Failed to listen', { address, err }));
  server.listen(Number(address.slice(colon + 1)), address.slice(0, colon));
  return server;
}
