import type { ActiveSet } from '../calc/index.ts';
import { ipSetName } from '../rules/index.ts';

/** An ipset of Felix' in the kernel. */
export interface IpSet {
  readonly name: string;
  readonly type: 'hash:net' | 'hash:ip,port';
  readonly members: readonly string[];
}

export interface PoolOptions {
  readonly podCIDR: string;
  readonly natOutgoing: boolean;
  /** Addresses of all nodes that speak IP-in-IP. */
  readonly hosts: readonly string[];
}

/**
 * The sets that Felix' static chains match on.
 *
 * @see Felix dataplane/linux/masq_mgr.go and ipip_mgr.go
 */
export function staticIpSets({ podCIDR, natOutgoing, hosts }: PoolOptions): IpSet[] {
  const sets = [
    { id: 'all-ipam-pools', members: [podCIDR] },
    { id: 'masq-ipam-pools', members: natOutgoing ? [podCIDR] : [] },
    { id: 'all-hosts-net', members: [...hosts] },
  ];
  return sets.map(({ id, members }) => ({ name: ipSetName(id), type: 'hash:net', members }));
}

export const policyIpSets = (sets: readonly ActiveSet[]): IpSet[] =>
  sets.map(({ id, type, members }) => ({ name: ipSetName(id), type, members }));
