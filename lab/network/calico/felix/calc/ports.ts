import type { NetworkPolicyPort } from './network-policy.ts';

/** First and last port. */
export type PortRange = readonly [number, number];

export interface Ports {
  readonly ranges: readonly PortRange[];
  readonly names: readonly string[];
}

const PROTOCOLS = new Set(['TCP', 'UDP', 'SCTP']);

/** A port that Kubernetes would refuse, should one come. */
export class BadPortError extends Error {}

/** One port of a NetworkPolicy: its numbers, its name, or neither for every port. */
function parsePort({ port, endPort }: NetworkPolicyPort): PortRange | string | undefined {
  if (port === undefined || port === null) return undefined;
  if (typeof port === 'string' && !/^\d+$/.test(port)) return port;
  const first = Number(port);
  const last = endPort ?? first;
  if (!Number.isInteger(first) || !Number.isInteger(last) || first < 0 || last > 65535 || last < first) {
    throw new BadPortError(`invalid port ${port}${endPort === undefined ? '' : `-${endPort}`}`);
  }
  return [first, last];
}

/** Neighbours and overlaps become one range, as Calico's SimplifyPorts. */
function simplify(ranges: readonly PortRange[]): PortRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const previous = merged.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/**
 * Ports of one rule of a NetworkPolicy by protocol, in the order in which Calico makes rules of them.
 *
 * @returns one entry without protocol when the rule names no ports; `ports` undefined means all of the protocol's
 * @throws BadPortError
 * @see libcalico-go lib/backend/k8s/conversion `k8sRuleToCalico`
 */
export function portsByProtocol(
  ports: readonly NetworkPolicyPort[] | null | undefined,
): { readonly protocol?: string; readonly ports?: Ports }[] {
  if (!ports || ports.length === 0) return [{}];
  const found = new Map<string, (PortRange | string)[] | 'all'>();
  for (const port of ports) {
    const protocol = (port.protocol ?? 'TCP').toUpperCase();
    if (!PROTOCOLS.has(protocol)) throw new BadPortError(`unsupported protocol ${port.protocol}`);
    const parsed = parsePort(port);
    const before = found.get(protocol) ?? [];
    found.set(protocol, parsed === undefined || before === 'all' ? 'all' : [...before, parsed]);
  }
  return [...found.keys()].sort().map((protocol) => {
    const all = found.get(protocol) ?? 'all';
    if (all === 'all') return { protocol: protocol.toLowerCase() };
    const names = all.filter((port) => typeof port === 'string');
    const ranges = simplify(all.filter((port) => typeof port !== 'string'));
    return { protocol: protocol.toLowerCase(), ports: { ranges, names } };
  });
}
