import type { ServedPort, ServicePort } from '../model/index.ts';

/**
 * Entries of the connection table that would keep UDP packets on a way that is not there any more. A UDP "connection" lives on
 * as long as packets come, so a client that keeps asking would never meet the new rules; TCP's ends with its peer.
 *
 * - The port has its first endpoint: what was sent before went untranslated, and has an entry that says so.
 * - An endpoint is gone: its entries are deleted.
 * - An address of the service is gone: its entries are deleted.
 *
 * @param before the ports of a service as they were; undefined when the service is new or the program has just started
 * @returns arguments of `conntrack`, one deletion each
 * @see pkg/proxy/conntrack/cleanup.go
 */
export function staleFlows(
  before: readonly ServedPort[] | undefined,
  after: readonly ServedPort[],
): string[] {
  const flows = new Set<string>();
  const now = new Map(after.map((served) => [served.port.portName, served]));
  for (const old of before ?? []) {
    if (old.port.protocol !== 'udp') continue;
    const next = udp(now.get(old.port.portName));
    const kept = new Set(next ? destinations(next.port) : []);
    const left = new Set(next?.reachable.map(({ target }) => target));
    for (const destination of destinations(old.port)) {
      if (!kept.has(destination)) flows.add(`-D -p udp ${destination}`);
      else {
        for (const { target, address } of old.reachable) {
          if (!left.has(target)) flows.add(`-D -p udp ${destination} --dst-nat ${address}`);
        }
      }
    }
  }
  const past = new Map(before?.map((served) => [served.port.portName, served]));
  for (const served of after) {
    const had = udp(past.get(served.port.portName))?.hasEndpoints ?? false;
    if (served.port.protocol !== 'udp' || had || !served.hasEndpoints) continue;
    for (const destination of destinations(served.port)) flows.add(`-D -p udp ${destination}`);
  }
  return [...flows];
}

const udp = (served: ServedPort | undefined) => (served?.port.protocol === 'udp' ? served : undefined);

function destinations(port: ServicePort): string[] {
  const addresses = [port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs];
  const found = addresses.map((address) => `--orig-dst ${address} --dport ${port.port}`);
  return port.nodePort === undefined ? found : [...found, `--dport ${port.nodePort}`];
}
