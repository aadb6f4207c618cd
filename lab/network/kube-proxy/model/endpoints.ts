import type { EndpointSlice } from '../../../api/objects/index.ts';
import { isIPv4 } from './address.ts';
import type { Endpoint } from './types.ts';

/** Which of a service's endpoints belong to which of its ports: name and protocol of the port. */
export function portKey(portName: string, protocol: string): string {
  return `${portName} ${protocol.toLowerCase()}`;
}

/**
 * The endpoints of one service by {@link portKey}, each once, in the order of the rules: by `ip:port` as text, so that
 * 192.168.104.65 stands before 192.168.8.193 (Figures 25, 108).
 *
 * @param slices all EndpointSlices of the service
 * @param nodeName the node this proxy runs on
 * @see pkg/proxy/endpointslicecache.go
 */
export function endpointsByPort(
  slices: Iterable<EndpointSlice>,
  nodeName: string,
): ReadonlyMap<string, readonly Endpoint[]> {
  const ports = new Map<string, Map<string, Endpoint>>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const { name = '', protocol = 'TCP', port } of slice.ports ?? []) {
      if (!Number.isInteger(port) || !port || port < 1 || port > 65_535) continue;
      const key = portKey(name, protocol);
      const found = ports.get(key) ?? new Map<string, Endpoint>();
      ports.set(key, found);
      for (const { addresses, conditions = {}, nodeName: on } of slice.endpoints ?? []) {
        const [address] = addresses ?? [];
        if (!isIPv4(address)) continue;
        const endpoint: Endpoint = {
          address,
          target: `${address}:${port}`,
          local: on === nodeName,
          // Absent means yes: "unknown" is to be taken for ready (discovery/v1).
          ready: conditions.ready ?? true,
          serving: conditions.serving ?? conditions.ready ?? true,
          terminating: conditions.terminating ?? false,
        };
        // A pod that moves between slices is in two of them for a moment.
        const other = found.get(endpoint.target);
        if (!other || (endpoint.ready && !other.ready)) found.set(endpoint.target, endpoint);
      }
    }
  }
  return new Map(
    [...ports].map(([key, found]) => [
      key,
      [...found.values()].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0)),
    ]),
  );
}
