import { cidrRange, formatAddress, inRange, type Range } from '../address.ts';
import { type Draft, type DraftNetwork, interfacesOf } from '../draft.ts';

/** Addresses that machines and load-balancer pools have. */
export function usedIn(draft: Draft): Range[] {
  const machines = interfacesOf(draft).flatMap(({ address }) =>
    address === undefined ? [] : [{ first: address, last: address }],
  );
  const pools = (draft.cluster.pools ?? []).flatMap((pool) =>
    (pool.addresses ?? []).flatMap(({ range }) => range ?? []),
  );
  return [...machines, ...pools];
}

/** The lowest address of a network's hosts that nothing has; undefined when the network is full or unknown. */
export function freeAddress(draft: Draft, network: DraftNetwork | undefined): string | undefined {
  if (!network?.subnet) return undefined;
  const { first, last } = cidrRange(network.subnet);
  let address = first + 1;
  for (const range of usedIn(draft).sort((a, b) => a.first - b.first)) {
    if (inRange(range, address)) address = range.last + 1;
  }
  return address < last ? formatAddress(address) : undefined;
}
