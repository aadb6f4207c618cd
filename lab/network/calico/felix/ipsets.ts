/** An ipset of Felix's: `cali40` + id. All are hash:net, so that pools and single addresses fit alike. */
export interface IpSet {
  readonly name: string;
  readonly members: readonly string[];
}

export interface IpSetInput {
  readonly podCIDR: string;
  readonly natOutgoing: boolean;
  /** Addresses of all nodes that speak IP-in-IP. */
  readonly hosts: readonly string[];
}

/**
 * The sets that Felix's static chains match on.
 *
 * @see Felix `dataplane/linux/masq_mgr.go` and `ipip_mgr.go`
 */
export function staticIpSets(input: IpSetInput): IpSet[] {
  return [
    { name: 'cali40all-ipam-pools', members: [input.podCIDR] },
    { name: 'cali40masq-ipam-pools', members: input.natOutgoing ? [input.podCIDR] : [] },
    { name: 'cali40all-hosts-net', members: input.hosts },
  ];
}

/**
 * `ipset restore` input that gives the sets exactly these members. Each is filled aside and swapped in, so
 * that no packet ever meets a half-filled set.
 */
export function ipsetRestoreInput(sets: readonly IpSet[]): string {
  const lines: string[] = [];
  sets.forEach((set, i) => {
    const temporary = `cali4t${i}`;
    const type = 'hash:net family inet maxelem 1048576';
    lines.push(
      `create -exist ${set.name} ${type}`,
      `create -exist ${temporary} ${type}`,
      `flush ${temporary}`,
    );
    for (const member of set.members) lines.push(`add -exist ${temporary} ${member}`);
    lines.push(`swap ${set.name} ${temporary}`, `destroy ${temporary}`);
  });
  return `${lines.join('\n')}\n`;
}
