import { clearMark, ipSetName, MARK, marked, notMarked, setMark } from './names.ts';
import type { Chain } from './rule.ts';
import { FORWARD_APPENDS, staticFilterChains } from './static-filter.ts';
import { hook, type Table } from './table.ts';

export interface StaticOptions {
  /** The pool uses IP-in-IP, so node-sourced packets leave with tunl0's address. */
  readonly encapsulated: boolean;
  readonly natOutgoing: boolean;
}

const jump = (chain: string) => ({ action: `--jump ${chain}` });
const accept = { match: marked(MARK.accept), action: '--jump ACCEPT' };
const empty = (name: string): Chain => ({ name, rules: [] });

/** A pod's packet whose source is not routed back to its interface is spoofed, and dropped (Figure 65). */
const RAW: Table = {
  name: 'raw',
  chains: [
    {
      name: 'cali-PREROUTING',
      rules: [
        { action: clearMark(MARK.all) },
        { match: '--in-interface cali+', action: setMark(MARK.scratch0) },
        { match: `${marked(MARK.scratch0)} -m rpfilter --invert`, action: '--jump DROP' },
        { match: notMarked(MARK.scratch0), action: '--jump cali-from-host-endpoint' },
        accept,
      ],
    },
    {
      name: 'cali-OUTPUT',
      rules: [{ action: clearMark(MARK.all) }, jump('cali-to-host-endpoint'), accept],
    },
    empty('cali-from-host-endpoint'),
    empty('cali-to-host-endpoint'),
  ],
  inserts: [hook('PREROUTING'), hook('OUTPUT')],
  appends: [],
};

/** Figure 66. */
const MANGLE: Table = {
  name: 'mangle',
  chains: [
    {
      name: 'cali-PREROUTING',
      rules: [
        { match: '-m conntrack --ctstate RELATED,ESTABLISHED', action: '--jump ACCEPT' },
        accept,
        jump('cali-from-host-endpoint'),
        { ...accept, comment: 'Host endpoint policy accepted packet.' },
      ],
    },
    empty('cali-from-host-endpoint'),
  ],
  inserts: [hook('PREROUTING')],
  appends: [],
};

/** A packet from a pod to somewhere outside the pools leaves with the node's address (Figure 83). */
const NAT_OUTGOING = {
  match: `-m set --match-set ${ipSetName('masq-ipam-pools')} src -m set ! --match-set ${ipSetName('all-ipam-pools')} dst`,
  action: '--jump MASQUERADE --random-fully',
};

/**
 * A packet of the node itself (or masqueraded to it) that goes to a remote pod must carry tunl0's address, or the
 * answer would come back outside the tunnel: "source is local, but not an address of tunl0".
 */
const TUNNEL_MASQUERADE = {
  match:
    '--out-interface tunl0 -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL',
  action: '--jump MASQUERADE --random-fully',
};

function nat({ encapsulated, natOutgoing }: StaticOptions): Table {
  return {
    name: 'nat',
    chains: [
      { name: 'cali-PREROUTING', rules: [jump('cali-fip-dnat')] },
      { name: 'cali-OUTPUT', rules: [jump('cali-fip-dnat')] },
      {
        name: 'cali-POSTROUTING',
        rules: [
          jump('cali-fip-snat'),
          jump('cali-nat-outgoing'),
          ...(encapsulated ? [TUNNEL_MASQUERADE] : []),
        ],
      },
      empty('cali-fip-dnat'),
      empty('cali-fip-snat'),
      { name: 'cali-nat-outgoing', rules: natOutgoing ? [NAT_OUTGOING] : [] },
    ],
    inserts: [hook('PREROUTING'), hook('OUTPUT'), hook('POSTROUTING')],
    appends: [],
  };
}

/**
 * The chains that do not depend on pods, as Felix 3.16 writes them with an iptables of 1.6.2 or later, which prints
 * `--random-fully`; the white paper's nodes had 1.6.1, which does not, but the tags are the same.
 *
 * @see Felix 3.16 rules/static.go, rules/nat.go
 */
export function staticTables(options: StaticOptions): Table[] {
  return [
    RAW,
    MANGLE,
    nat(options),
    {
      name: 'filter',
      chains: staticFilterChains(options.encapsulated),
      inserts: [hook('INPUT'), hook('FORWARD'), hook('OUTPUT')],
      appends: [FORWARD_APPENDS],
    },
  ];
}
