import {
  cidrRange,
  formatAddress,
  inRange,
  parseAddress,
  parseCidr,
  parseRange,
  type Range,
} from './address.ts';
import type { Topology } from './topology.ts';

/**
 * The address left for the engine's own bridge in a network: the highest that no machine and no load-balancer pool
 * has. Docker gives every bridge an address, and would take the first one, which may be the router's.
 *
 * @throws RangeError when the network does not exist; a topology that was checked always has a free address
 */
export function bridgeAddress(topology: Topology, network: string): string {
  const subnet = parseCidr(topology.networks[network]?.subnet ?? '');
  if (!subnet) throw new RangeError(`there is no network ${network}`);
  const interfaces = [
    ...topology.router.interfaces,
    ...Object.values(topology.hosts).map((host) => host.interface),
    ...topology.nodes.map((node) => node.interface),
  ];
  const used: Range[] = [
    ...interfaces.flatMap(({ address }) => {
      const parsed = parseAddress(address);
      return parsed === undefined ? [] : [{ first: parsed, last: parsed }];
    }),
    ...topology.cluster.loadBalancer.pools.flatMap((pool) =>
      pool.addresses.flatMap((text) => parseRange(text) ?? []),
    ),
  ].sort((a, b) => b.last - a.last);
  const { first, last } = cidrRange(subnet);
  let address = last - 1;
  for (const range of used) if (inRange(range, address)) address = range.first - 1;
  if (address <= first) throw new RangeError(`${topology.networks[network]?.subnet} has no free address`);
  return formatAddress(address);
}
