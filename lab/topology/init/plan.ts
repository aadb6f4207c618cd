import {
  type Address,
  type Cidr,
  cidrRange,
  cidrSize,
  formatAddress,
  formatCidr,
  freeCidr,
  parseAddress,
  parseCidr,
  type Range,
  rangesOverlap,
} from '../address.ts';
import { type Answers, listOf } from './answers.ts';
import { roomOf } from './relations.ts';

/** A topology with addresses given out, ready to be written. */
export interface Plan {
  readonly name: string;
  readonly networks: readonly { name: string; subnet: string; router: string }[];
  readonly hosts: readonly { name: string; network: string; address: string; dns?: true }[];
  readonly nodes: readonly { name: string; role: string; network: string; address: string }[];
  readonly interface: string;
  readonly podCIDR: string;
  readonly serviceCIDR: string;
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly loadBalancer: { count: number; range: string | undefined };
}

// The clients' and the internet's networks of iks.yaml, then others for who has these in use (RFC 5737 has three).
const OUTSIDE = ['10.1.0.0/24', '10.3.0.0/24', '172.28.0.0/24'];
const INTERNET = ['203.0.113.0/24', '198.51.100.0/24', '192.0.2.0/24'];

function firstFree(candidates: readonly string[], taken: readonly Range[]): Cidr {
  const free = [...candidates.flatMap((text) => parseCidr(text) ?? []), freeCidr(24, taken)].find(
    (cidr) => cidr && !taken.some((range) => rangesOverlap(range, cidrRange(cidr))),
  );
  if (!free) throw new RangeError('no /24 is left beside the ranges of pods, services and nodes');
  return free;
}

/** Gives out addresses of a subnet one after the other: from .101 on where that leaves enough, else from the first. */
function dealer(subnet: Cidr, wanted: number): () => Address {
  const { first } = cidrRange(subnet);
  let next = first + (cidrSize(subnet) >= 256 && wanted + 100 <= roomOf(subnet) ? 101 : 1);
  return () => next++;
}

/**
 * Networks and addresses for a set of answers. Pure.
 *
 * @param answers answers without faults
 */
export function planOf(answers: Answers): Plan {
  const { loadBalancerIpPool, controlPlaneIpPool, workerIpPool } = answers;
  const workers = Number(answers.workerCount);
  const count = Number(answers.loadBalancerCount);
  // A pool without workers is no network: the router would be alone in it.
  const pools = [...new Set([controlPlaneIpPool, ...(workers > 0 ? [workerIpPool] : [])])];
  const names = pools.length === 1 ? ['nodes'] : ['control-plane', 'workers'];
  const nameOf = (pool: string): string => names[pools.indexOf(pool)] ?? 'nodes';
  const deal = new Map(
    pools.map((pool) => {
      const wanted =
        (pool === controlPlaneIpPool ? 1 : 0) +
        (pool === workerIpPool ? workers : 0) +
        (pool === loadBalancerIpPool ? count : 0);
      return [pool, dealer(subnetOf(pool), wanted)];
    }),
  );
  const take = (pool: string): Address => deal.get(pool)?.() ?? 0;
  const node = (name: string, role: string, pool: string) => ({
    name,
    role,
    network: nameOf(pool),
    address: formatAddress(take(pool)),
  });
  const nodes = [
    node('controlpl1', 'control-plane', controlPlaneIpPool),
    ...Array.from({ length: workers }, (_, i) => node(`worker${i + 1}`, 'worker', workerIpPool)),
  ];
  const balancers = Array.from({ length: count }, () => take(loadBalancerIpPool));
  const [from, to] = [balancers[0], balancers.at(-1)];

  const taken = [...pools, answers.podNetworkCidr, answers.serviceNetworkCidr].map((text) =>
    cidrRange(subnetOf(text)),
  );
  const clients = firstFree([...OUTSIDE, ...INTERNET], taken);
  const internet = firstFree([...INTERNET, ...OUTSIDE], [...taken, cidrRange(clients)]);
  return {
    name: answers.name,
    networks: [
      ...pools.map((pool) => ({ name: nameOf(pool), subnet: pool, router: lastHost(subnetOf(pool)) })),
      { name: 'clients', subnet: formatCidr(clients), router: lastHost(clients) },
      { name: 'internet', subnet: formatCidr(internet), router: formatAddress(internet.base + 1) },
    ],
    hosts: [
      { name: 'client', network: 'clients', address: formatAddress(clients.base + 89) },
      { name: 'internet', network: 'internet', address: formatAddress(internet.base + 10) },
      ...dnsHosts(listOf(answers.dnsServer), clients),
    ],
    nodes,
    interface: answers.interface,
    podCIDR: answers.podNetworkCidr,
    serviceCIDR: answers.serviceNetworkCidr,
    servers: listOf(answers.dnsServer),
    search: listOf(answers.dnsSuffix),
    loadBalancer: {
      count,
      range:
        from === undefined || to === undefined ? undefined : `${formatAddress(from)}-${formatAddress(to)}`,
    },
  };
}

/** The DNS servers that stand where the clients do: nobody else can be at such an address. */
function dnsHosts(servers: readonly string[], clients: Cidr) {
  const { first, last } = cidrRange(clients);
  const others = [clients.base + 89, last - 1];
  return [...new Set(servers)]
    .filter((server) => {
      const address = parseAddress(server) ?? 0;
      return address > first && address < last && !others.includes(address);
    })
    .map((address, i) => ({
      name: i === 0 ? 'dns' : `dns${i + 1}`,
      network: 'clients',
      address,
      dns: true as const,
    }));
}

function subnetOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new RangeError(`${text} is not a CIDR`);
  return cidr;
}

function lastHost(cidr: Cidr): string {
  return formatAddress(cidrRange(cidr).last - 1);
}
