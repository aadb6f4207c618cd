import type { Chain } from './rule.ts';

export interface Table {
  readonly name: 'nat' | 'filter';
  /** Felix's own chains, in the order they are written. */
  readonly chains: readonly Chain[];
  /** Rules that stand in front of the built-in chains. */
  readonly inserts: readonly Chain[];
}

export interface StaticOptions {
  /** The pool uses IP-in-IP, so node-sourced packets leave with tunl0's address. */
  readonly encapsulated: boolean;
  readonly natOutgoing: boolean;
}

const jump = (chain: string) => ({ action: `--jump ${chain}` });

/**
 * Felix's chains that do not depend on workloads: network address translation of a pod's way out, and the
 * guard that lets IP-in-IP in from Calico nodes only.
 *
 * @see Felix 3.16 `rules/static.go` and `rules/nat.go`
 */
export function staticTables(options: StaticOptions): Table[] {
  const natOutgoing = {
    name: 'cali-nat-outgoing',
    rules: options.natOutgoing
      ? [
          {
            match:
              '-m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst',
            action: '--jump MASQUERADE --random-fully',
          },
        ]
      : [],
  };
  // A packet of the node itself (or masqueraded to it) that goes to a remote pod must carry tunl0's address,
  // or the answer would come back outside the tunnel: "source is local, but not an address of tunl0".
  const tunnelMasquerade = {
    match:
      '--out-interface tunl0 -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL',
    action: '--jump MASQUERADE --random-fully',
  };
  const nat: Table = {
    name: 'nat',
    chains: [
      { name: 'cali-PREROUTING', rules: [jump('cali-fip-dnat')] },
      { name: 'cali-OUTPUT', rules: [jump('cali-fip-dnat')] },
      {
        name: 'cali-POSTROUTING',
        rules: [
          jump('cali-fip-snat'),
          jump('cali-nat-outgoing'),
          ...(options.encapsulated ? [tunnelMasquerade] : []),
        ],
      },
      { name: 'cali-fip-dnat', rules: [] },
      { name: 'cali-fip-snat', rules: [] },
      natOutgoing,
    ],
    inserts: [
      { name: 'PREROUTING', rules: [jump('cali-PREROUTING')] },
      { name: 'OUTPUT', rules: [jump('cali-OUTPUT')] },
      { name: 'POSTROUTING', rules: [jump('cali-POSTROUTING')] },
    ],
  };
  const filter: Table = {
    name: 'filter',
    chains: [
      {
        name: 'cali-INPUT',
        rules: options.encapsulated
          ? [
              {
                comment: 'Allow IPIP packets from Calico hosts',
                match: '-p 4 -m set --match-set cali40all-hosts-net src -m addrtype --dst-type LOCAL',
                action: '--jump ACCEPT',
              },
              { comment: 'Drop IPIP packets from non-Calico hosts', match: '-p 4', action: '--jump DROP' },
            ]
          : [],
      },
    ],
    inserts: [{ name: 'INPUT', rules: [jump('cali-INPUT')] }],
  };
  return [nat, filter];
}
