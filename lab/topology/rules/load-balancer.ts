import {
  cidrRange,
  formatAddress,
  formatCidr,
  inRange,
  type Range,
  rangeContains,
  rangeSize,
  rangesOverlap,
} from '../address.ts';
import { type Draft, type DraftNetwork, interfacesOf } from '../draft.ts';
import { type Fault, type Finding, formatPath, type Path } from '../fault.ts';
import { rangesOf } from './overlap.ts';

interface Entry {
  readonly path: Path;
  readonly text: string;
  readonly range: Range;
}

/** Load-balancer addresses: in a network of nodes, nobody else's, and as many as the count says. */
export function loadBalancerRule(draft: Draft): Finding[] {
  const pools = draft.cluster.pools ?? [];
  const findings: Finding[] = [];
  const names = new Map<string, Path>();
  for (const { name, path } of pools) {
    const before = name === undefined ? undefined : names.get(name);
    if (name !== undefined && before === undefined) names.set(name, path);
    if (before) {
      findings.push({
        path: [...path, 'name'],
        message: `${name} is the name of ${formatPath(before)} already`,
        rule: 'pools have names of their own',
        right: `another name, such as ${name}-2`,
      });
    }
  }
  // The virtual API address is answered for in the same way, so the same holds for it.
  const all = [...[draft.cluster.apiAddress ?? []].flat(), ...pools.flatMap((pool) => pool.addresses ?? [])];
  const entries: Entry[] = all.flatMap(({ path, text, range }) => (range ? [{ path, text, range }] : []));
  const wires = nodeNetworks(draft);
  entries.forEach((entry, i) => {
    const twice = entries.slice(0, i).find((other) => rangesOverlap(other.range, entry.range));
    const fault = twice
      ? {
          message: `${entry.text} overlaps ${twice.text} (${formatPath(twice.path)})`,
          rule: 'an address is in one pool, once',
          right: 'ranges that do not overlap',
        }
      : placeFault(entry, draft, wires);
    if (fault) findings.push({ path: entry.path, ...fault });
  });
  return [...findings, ...countFindings(draft)];
}

/** Networks with nodes in them; undefined as long as one of them is not known. */
function nodeNetworks(draft: Draft): DraftNetwork[] | undefined {
  if (!draft.networks || !draft.nodes) return undefined;
  const used = new Set(draft.nodes.map((node) => node.network));
  const wires = draft.networks.filter((network) => used.has(network.name));
  return wires.length === 0 || wires.length < used.size || wires.some((wire) => !wire.subnet)
    ? undefined
    : wires;
}

function placeFault(
  entry: Entry,
  draft: Draft,
  wires: readonly DraftNetwork[] | undefined,
): Fault | undefined {
  if (!wires) return undefined;
  const home = wires.find(({ subnet }) => subnet && rangeContains(cidrRange(subnet), entry.range));
  const subnets = wires.flatMap(({ name, subnet }) => (subnet ? [`${formatCidr(subnet)} (${name})`] : []));
  const right = `free addresses of ${subnets.join(' or ')}`;
  const rule = 'load-balancer addresses are in a network of nodes: the nodes answer ARP for them there';
  if (!home?.subnet) {
    const other = rangesOf(draft).find(
      ({ path, cidr }) =>
        rangesOverlap(cidrRange(cidr), entry.range) && !wires.some((wire) => wire.name === path[1]),
    );
    const message = other
      ? `${entry.text} overlaps ${formatPath(other.path)} (${formatCidr(other.cidr)})`
      : `${entry.text} is not in a network of nodes`;
    return { message, rule, right };
  }
  const network = cidrRange(home.subnet);
  const owner = interfacesOf(draft).find(
    ({ address }) => address !== undefined && inRange(entry.range, address),
  );
  if (owner) {
    const address = formatAddress(owner.address ?? 0);
    const what = entry.text === address ? `${address} is` : `${entry.text} holds ${address},`;
    return {
      message: `${what} the address of ${formatPath(owner.path)}`,
      rule: 'a load-balancer address belongs to no node, host or router',
      right,
    };
  }
  if (!inRange(entry.range, network.first) && !inRange(entry.range, network.last)) return undefined;
  const name = inRange(entry.range, network.first) ? 'network' : 'broadcast';
  const taken = formatAddress(name === 'network' ? network.first : network.last);
  return {
    message: `${entry.text} holds ${taken}, the ${name} address of ${home.name}`,
    rule: 'the first and the last address of a network answer to nobody',
    right:
      name === 'network'
        ? `a range from ${formatAddress(network.first + 1)} on`
        : `a range up to ${formatAddress(network.last - 1)}`,
  };
}

/** The wizard's "Load balancer count": the addresses are taken from the pool, so it has to hold them. */
function countFindings(draft: Draft): Finding[] {
  const { count, pools } = draft.cluster;
  if (count === undefined || !pools) return [];
  let sum = 0;
  for (const { addresses } of pools) {
    if (!addresses) return [];
    for (const { range } of addresses) {
      if (!range) return [];
      sum += rangeSize(range);
    }
  }
  if (count <= sum) return [];
  return [
    {
      path: ['cluster', 'loadBalancer', 'count'],
      message: `a count of ${count}, but the pools hold ${sum === 0 ? 'no address' : sum === 1 ? 'one address' : `${sum} addresses`}`,
      rule: 'the load-balancer count fits its pools',
      right:
        sum === 0
          ? `pools with ${count} addresses, or count: 0`
          : `count: ${sum}, or more addresses in a pool`,
    },
  ];
}
