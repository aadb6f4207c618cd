import ipaddr from 'ipaddr.js';
import type { EndpointSlice, Service } from '../../../api/objects/index.ts';
import { externalEndpoint } from './external-name.ts';
import type { BackendRef } from './types.ts';

/** Where the endpoints come from; keys are `namespace/name` of the service. */
export interface EndpointSource {
  service(key: string): Service | undefined;
  slices(key: string): readonly EndpointSlice[];
}

const isPort = (port: unknown): port is number =>
  typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536;

function endpoint(address: unknown, port: number): string[] {
  if (typeof address !== 'string') return [];
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return [`${address}:${port}`];
  return ipaddr.IPv6.isValid(address) && !address.includes('%') ? [`[${address}]:${port}`] : [];
}

/**
 * Where requests for a backend go, sorted: its ready endpoints. While there is none, those that end but still serve do it
 * (KEP-1669), so that a service whose last pod is being replaced does not answer 503.
 *
 * @returns e.g. `['192.168.8.222:80']`, of a service of type ExternalName its name instead; empty when nobody serves
 */
export function endpointsOf(backend: BackendRef, source: EndpointSource): string[] {
  const key = `${backend.namespace}/${backend.service}`;
  const service = source.service(key);
  if (service?.spec?.type === 'ExternalName') return externalEndpoint(service, backend.port);
  const ports = service?.spec?.ports;
  if (!service || !Array.isArray(ports)) return [];
  const port = ports.find(({ name, port }) => name === backend.port || String(port) === backend.port);
  if (!port) return [];
  if (backend.serviceUpstream) return endpoint(service.spec.clusterIP, port.port);
  const ready = new Set<string>();
  const ending = new Set<string>();
  for (const slice of source.slices(key)) {
    if (slice.addressType === 'FQDN') continue;
    const number = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
    if (!isPort(number)) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      const isReady = conditions?.ready !== false;
      if (!isReady && !(conditions?.serving && conditions.terminating)) continue;
      // The first address only: the others are the same endpoint (EndpointSlice's API).
      for (const one of endpoint(addresses?.[0], number)) (isReady ? ready : ending).add(one);
    }
  }
  return [...(ready.size > 0 ? ready : ending)].sort();
}
