import { cidrRange, formatAddress, inRange, type Range } from '../address.ts';
import { type Draft, type DraftNetwork, interfacesOf } from '../draft.ts';

const CACHE = new WeakMap<Draft, Range[]>();

/** Addresses that machines and load-balancer pools have, in order. */
export function usedIn(draft: Draft): readonly Range[] {
  const before = CACHE.get(draft);
  if (before) return before;
  const machines = interfacesOf(draft).flatMap(({ address }) =>
    address === undefined ? [] : [{ first: address, last: address }],
  );
  const pools = (draft.cluster.pools ?? []).flatMap((pool) =>
    (pool.addresses ?? []).flatMap(({ range }) => range ?? []),
  );
  const virtual = draft.cluster.apiAddress?.range;
  const used = [...machines, ...pools, ...(virtual ? [virtual] : [])].sort((a, b) => a.first - b.first);
  CACHE.set(draft, used);
  return used;
}

/** The lowest address of a network's hosts that nothing has; undefined when the network is full or unknown. */
export function freeAddress(draft: Draft, network: DraftNetwork | undefined): string | undefined {
  if (!network?.subnet) return undefined;
  const { first, last } = cidrRange(network.subnet);
  let address = first + 1;
  for (const range of usedIn(draft)) {
    if (inRange(range, address)) address = range.last + 1;
  }
  return address < last ? formatAddress(address) : undefined;
}
