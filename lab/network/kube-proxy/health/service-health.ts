import { createServer, type Server } from 'node:http';
import type { Log } from '../../../api/klog.ts';
import type { ServedPort } from '../model/index.ts';

/** Where a load balancer asks whether this node has an endpoint of a service with externalTrafficPolicy Local. */
export interface HealthCheck {
  readonly namespace: string;
  readonly name: string;
  /** Ready endpoints on this node. */
  readonly localEndpoints: number;
}

/** The health checks by their node port. */
export function healthChecks(ports: Iterable<ServedPort>): Map<number, HealthCheck> {
  const found = new Map<number, HealthCheck & { readonly addresses: Set<string> }>();
  for (const { port, readyHere } of ports) {
    if (port.healthCheckNodePort === undefined) continue;
    const { namespace, service: name } = port;
    const addresses = found.get(port.healthCheckNodePort)?.addresses ?? new Set<string>();
    for (const address of readyHere) addresses.add(address);
    found.set(port.healthCheckNodePort, { namespace, name, addresses, localEndpoints: addresses.size });
  }
  return found;
}

/**
 * Answer to a health check: 200 while there are local endpoints and the proxy itself is well, else 503; both say how many there are.
 * pkg/proxy/healthcheck/service_health.go.
 */
export function healthAnswer(check: HealthCheck, proxyHealthy: boolean) {
  const { namespace, name, localEndpoints } = check;
  const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: proxyHealthy };
  return {
    code: localEndpoints > 0 && proxyHealthy ? 200 : 503,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    },
    body: JSON.stringify(body, null, '\t'),
  };
}

/** One HTTP server for each health check node port. */
export class ServiceHealthServers {
  readonly #servers = new Map<number, Server>();
  #checks: ReadonlyMap<number, HealthCheck> = new Map();
  readonly #proxyHealthy: () => boolean;
  readonly #log: Log;

  constructor(proxyHealthy: () => boolean, log: Log) {
    this.#proxyHealthy = proxyHealthy;
    this.#log = log;
  }

  /** Opens and closes ports as needed; a port that is taken is logged, and tried again at the next update. */
  update(checks: ReadonlyMap<number, HealthCheck>): void {
    this.#checks = checks;
    for (const [port, server] of this.#servers) {
      if (checks.has(port)) continue;
      this.#log.info('Closing healthcheck', { port });
      this.#servers.delete(port);
      server.close();
      server.closeAllConnections();
    }
    for (const [port, { namespace, name }] of checks) {
      if (!this.#servers.has(port)) this.#open(port, `${namespace}/${name}`);
    }
  }

  stop(): void {
    this.update(new Map());
  }

  #open(port: number, service: string): void {
    const server = createServer((_, response) => {
      const check = this.#checks.get(port);
      if (!check) {
        response.writeHead(503).end();
        return;
      }
      const { code, headers, body } = healthAnswer(check, this.#proxyHealthy());
      response.writeHead(code, headers).end(body);
    });
    server.on('error', (err) => {
      this.#log.error('Failed to start healthcheck', { service, port, err });
      if (this.#servers.get(port) === server) this.#servers.delete(port);
    });
    this.#log.info('Opening healthcheck', { service, port });
    this.#servers.set(port, server);
    server.listen(port, '0.0.0.0');
  }
}
