import { parse } from 'yaml';
import type { ApiObject, ConfigMap, LabelSelector } from '../../api/objects/index.ts';
import { inRange, parseIPv4, parseRange, type Range } from './ipv4.ts';

/** Addresses that may be given to services. */
export interface Pool {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ranges: readonly Range[];
  readonly autoAssign: boolean;
  /** Leave out addresses that end in .0 and .255, which some old devices drop. */
  readonly avoidBuggyIPs: boolean;
  /** Lower goes first; 0 last. */
  readonly priority: number;
  /** Reserved for services in these namespaces or with these labels; undefined: for all. */
  readonly reservedFor: Reservation | undefined;
  /** From the ConfigMap, whose pools are all announced in layer 2; others need an L2Advertisement. */
  readonly legacy: boolean;
}

export interface Reservation {
  readonly namespaces: readonly string[];
  readonly namespaceSelectors: readonly LabelSelector[];
  readonly serviceSelectors: readonly LabelSelector[];
}

export interface IPAddressPool extends ApiObject {
  spec?: {
    addresses?: string[] | null;
    autoAssign?: boolean;
    avoidBuggyIPs?: boolean;
    serviceAllocation?: {
      priority?: number;
      namespaces?: string[] | null;
      namespaceSelectors?: LabelSelector[] | null;
      serviceSelectors?: LabelSelector[] | null;
    };
  };
}

export interface Pools {
  /**
   * In the order in which they are used: objects by name, then those of the ConfigMap as it lists them. MetalLB takes the
   * order of a Go map, which is random; Figure 31 shows the address of the pool that Figure 32 lists first.
   */
  readonly pools: readonly Pool[];
  /** What could not be used and why, one sentence each. */
  readonly problems: readonly string[];
}

/** What Figure 32 shows, with the options of MetalLB up to 0.12. */
interface LegacyPool {
  readonly name?: unknown;
  readonly protocol?: unknown;
  readonly addresses?: unknown;
  readonly 'auto-assign'?: unknown;
  readonly 'avoid-buggy-ips'?: unknown;
}

/** The pools of both kinds of configuration. A pool that cannot be understood is left out and told of; the others are used. */
export function readPools(resources: readonly IPAddressPool[], configMap: ConfigMap | undefined): Pools {
  const problems: string[] = [];
  const pools: Pool[] = [];
  const candidates = [
    ...[...resources]
      .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
      .map((resource) => () => fromResource(resource)),
    ...legacyPools(configMap, problems).map((legacy) => () => fromLegacy(legacy)),
  ];
  for (const read of candidates) {
    try {
      const pool = read();
      const other = pools.find((one) => one.name === pool.name || overlaps(one, pool));
      if (other?.name === pool.name) throw new Error(`duplicate definition of pool "${pool.name}"`);
      if (other) throw new Error(`pool "${pool.name}" overlaps with pool "${other.name}"`);
      pools.push(pool);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { pools, problems };
}

const overlaps = (a: Pool, b: Pool): boolean =>
  a.ranges.some((one) => b.ranges.some((two) => one.first <= two.last && two.first <= one.last));

function rangesOf(name: string, addresses: unknown): Range[] {
  if (!Array.isArray(addresses) || addresses.length === 0)
    throw new Error(`pool "${name}" has no prefixes defined`);
  return addresses.flatMap((text: unknown) => {
    // IPv6 has no ARP; the lab's networks are IPv4.
    if (typeof text === 'string' && text.includes(':')) return [];
    const range = typeof text === 'string' ? parseRange(text) : undefined;
    if (!range) throw new Error(`invalid CIDR ${JSON.stringify(text)} in pool "${name}"`);
    return [range];
  });
}

function fromResource({ metadata, spec }: IPAddressPool): Pool {
  const name = metadata.name ?? '';
  const { namespaces, namespaceSelectors, serviceSelectors, priority } = spec?.serviceAllocation ?? {};
  const reservation = {
    namespaces: namespaces ?? [],
    namespaceSelectors: namespaceSelectors ?? [],
    serviceSelectors: serviceSelectors ?? [],
  };
  const isReserved = Object.values(reservation).some((list) => list.length > 0);
  return {
    name,
    labels: metadata.labels ?? {},
    ranges: rangesOf(name, spec?.addresses),
    autoAssign: spec?.autoAssign ?? true,
    avoidBuggyIPs: spec?.avoidBuggyIPs ?? false,
    priority: priority ?? 0,
    reservedFor: isReserved ? reservation : undefined,
    legacy: false,
  };
}

function legacyPools(configMap: ConfigMap | undefined, problems: string[]): LegacyPool[] {
  const text = configMap?.data?.config;
  if (text === undefined) return [];
  try {
    const config = parse(text) as { 'address-pools'?: unknown } | null;
    const pools = config?.['address-pools'] ?? [];
    if (!Array.isArray(pools)) throw new Error('address-pools is not a list');
    return pools.filter((pool) => typeof pool === 'object' && pool !== null) as LegacyPool[];
  } catch (error) {
    problems.push(`could not parse config: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

function fromLegacy(pool: LegacyPool): Pool {
  const { name, protocol } = pool;
  if (typeof name !== 'string' || name === '') throw new Error('missing pool name');
  if (protocol !== 'layer2')
    throw new Error(`pool "${name}": unsupported protocol ${JSON.stringify(protocol)}`);
  return {
    name,
    labels: {},
    ranges: rangesOf(name, pool.addresses),
    autoAssign: pool['auto-assign'] !== false,
    avoidBuggyIPs: pool['avoid-buggy-ips'] === true,
    priority: 0,
    reservedFor: undefined,
    legacy: true,
  };
}

const isBuggy = (address: number): boolean => (address & 255) === 0 || (address & 255) === 255;

/** Whether the pool may give this address. */
export function poolHas(pool: Pool, address: number): boolean {
  return pool.ranges.some((range) => inRange(range, address)) && !(pool.avoidBuggyIPs && isBuggy(address));
}

/** The pool of an address, if it is in one. */
export function poolOf(pools: readonly Pool[], ip: string): Pool | undefined {
  const address = parseIPv4(ip);
  return address === undefined ? undefined : pools.find((pool) => poolHas(pool, address));
}

/** All addresses of a pool, ascending within each entry. */
export function* addressesOf(pool: Pool): Iterable<number> {
  for (const { first, last } of pool.ranges) {
    for (let address = first; address <= last; address++) {
      if (!(pool.avoidBuggyIPs && isBuggy(address))) yield address;
    }
  }
}

/** Number of addresses, without counting them one by one. */
export function poolSize(pool: Pool): number {
  let size = 0;
  for (const { first, last } of pool.ranges) {
    size += last - first + 1;
    if (!pool.avoidBuggyIPs) continue;
    for (const end of [0, 255]) size -= Math.floor((last - end) / 256) - Math.floor((first - 1 - end) / 256);
  }
  return size;
}
