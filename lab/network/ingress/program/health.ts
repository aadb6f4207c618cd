import { createServer, type Server } from 'node:http';

export interface HealthSource {
  isHealthy(): Promise<boolean>;
  metrics(): Promise<string>;
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** `/healthz` and `/metrics` for the kubelet and Prometheus. @param onError the port is taken, for example */
export function healthServer(port: number, source: HealthSource, onError: (error: Error) => void): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const answer = async (): Promise<readonly [number, string]> => {
      if (path === '/healthz')
        return (await source.isHealthy()) ? [200, 'ok'] : [500, 'nginx does not serve'];
      if (path === '/metrics') return [200, await source.metrics()];
      return [404, '404 page not found\n'];
    };
    void answer().then(([code, body]) => response.writeHead(code, TEXT).end(body));
  });
  server.on('error', onError);
  server.listen(port);
  return server;
}
