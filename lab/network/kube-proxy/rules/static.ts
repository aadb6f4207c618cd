import type { RuleLayout } from '../../../api/cluster.ts';
import { DROP_MARK, MASQUERADE_MARK, rule, TO_LOCAL } from './rule.ts';
import type { Jump, RuleOptions, TableName } from './types.ts';

type StaticChains = Readonly<Record<TableName, Readonly<Record<string, readonly string[]>>>>;

const MARK_OF = (mark: string) => `MARK --set-xmark ${mark}`;
const LOCALNET = rule(
  'KUBE-FIREWALL',
  {
    source: '! 127.0.0.0/8',
    destination: '127.0.0.0/8',
    comment: 'block incoming localnet connections',
    after: '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT',
  },
  'DROP',
);

/** Chains that are there without any service; those that services add to are empty here. */
export function staticChains(layout: RuleLayout, options: RuleOptions): StaticChains {
  const nat: Record<string, readonly string[]> = {
    'KUBE-MARK-MASQ': [rule('KUBE-MARK-MASQ', {}, MARK_OF(MASQUERADE_MARK))],
    // The mark is taken off again: a packet that meets this chain twice (tunl0, then ens192) is masqueraded once.
    'KUBE-POSTROUTING': [
      rule('KUBE-POSTROUTING', { before: `-m mark ! --mark ${MASQUERADE_MARK}` }, 'RETURN'),
      rule('KUBE-POSTROUTING', {}, MARK_OF('0x4000/0x0')),
      rule(
        'KUBE-POSTROUTING',
        { comment: 'kubernetes service traffic requiring SNAT' },
        'MASQUERADE --random-fully',
      ),
    ],
    'KUBE-NODEPORTS': [],
    'KUBE-SERVICES': [],
    'KUBE-PROXY-CANARY': [],
  };
  const filter: Record<string, readonly string[]> = {
    'KUBE-FORWARD': forwardRules(layout),
    'KUBE-SERVICES': [],
    'KUBE-EXTERNAL-SERVICES': [],
    'KUBE-PROXY-CANARY': [],
  };
  // A kubelet of that time makes the KUBELET-CANARY and MARK-DROP chains; the lab's leaves iptables to kube-proxy.
  const mangle: Record<string, readonly string[]> = { 'KUBE-PROXY-CANARY': [], 'KUBE-KUBELET-CANARY': [] };
  if (layout === '1.20') {
    nat['KUBE-KUBELET-CANARY'] = [];
    nat['KUBE-MARK-DROP'] = [rule('KUBE-MARK-DROP', {}, MARK_OF(DROP_MARK))];
    filter['KUBE-KUBELET-CANARY'] = [];
    const comment = 'kubernetes firewall for dropping marked packets';
    filter['KUBE-FIREWALL'] = [
      rule('KUBE-FIREWALL', { comment, after: `-m mark --mark ${DROP_MARK}` }, 'DROP'),
      LOCALNET,
    ];
  } else {
    mangle['KUBE-IPTABLES-HINT'] = [];
    filter['KUBE-NODEPORTS'] = [];
    filter['KUBE-PROXY-FIREWALL'] = [];
    if (options.localhostNodePorts) filter['KUBE-FIREWALL'] = [LOCALNET];
  }
  return { mangle, filter, nat };
}

function forwardRules(layout: RuleLayout): string[] {
  const established = (what: string) =>
    rule(
      'KUBE-FORWARD',
      {
        comment: `kubernetes forwarding conntrack ${what}`,
        after: '-m conntrack --ctstate RELATED,ESTABLISHED',
      },
      'ACCEPT',
    );
  const marked = { comment: 'kubernetes forwarding rules', after: `-m mark --mark ${MASQUERADE_MARK}` };
  return [
    // An out-of-window packet would leave untranslated, and its receiver would reset the connection.
    rule('KUBE-FORWARD', { before: '-m conntrack --ctstate INVALID' }, 'DROP'),
    rule('KUBE-FORWARD', marked, 'ACCEPT'),
    ...(layout === '1.20'
      ? [established('pod source rule'), established('pod destination rule')]
      : [established('rule')]),
  ];
}

/** The last rules of KUBE-SERVICES: whatever is for the node itself may be for a node port. */
export function nodePortRules(layout: RuleLayout, options: RuleOptions): string[] {
  const comment = 'kubernetes service nodeports; NOTE: this must be the last rule in this chain';
  const localhost = layout === '1.20' || options.localhostNodePorts;
  if (options.nodePortAddresses === undefined) {
    const destination = localhost ? undefined : '! 127.0.0.0/8';
    return [rule('KUBE-SERVICES', { destination, comment, after: TO_LOCAL }, 'KUBE-NODEPORTS')];
  }
  return options.nodePortAddresses
    .filter((address) => localhost || !address.startsWith('127.'))
    .map((destination) => rule('KUBE-SERVICES', { destination, comment }, 'KUBE-NODEPORTS'));
}

const NEW = '-m conntrack --ctstate NEW ';
const jump = (table: TableName, chain: string, target: string, comment = '', match = ''): Jump => ({
  table,
  chain,
  rule: `${match}${comment === '' ? '' : `-m comment --comment "${comment}" `}-j ${target}`,
});
const PORTALS = 'kubernetes service portals';
const VISIBLE = 'kubernetes externally-visible service portals';
const external = (chain: string) => jump('filter', chain, 'KUBE-EXTERNAL-SERVICES', VISIBLE, NEW);
const services = (chain: string) => jump('filter', chain, 'KUBE-SERVICES', PORTALS, NEW);
const firewall = (chain: string) => jump('filter', chain, 'KUBE-FIREWALL');
const proxyFirewall = (chain: string) =>
  jump('filter', chain, 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', NEW);
const FORWARD = jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules');

const NAT_JUMPS = [
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', PORTALS),
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', PORTALS),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
];

const JUMPS: Readonly<Record<RuleLayout, readonly Jump[]>> = {
  '1.20': [
    external('INPUT'),
    firewall('INPUT'),
    FORWARD,
    services('FORWARD'),
    external('FORWARD'),
    services('OUTPUT'),
    firewall('OUTPUT'),
    ...NAT_JUMPS,
  ],
  '1.30': [
    firewall('INPUT'),
    proxyFirewall('INPUT'),
    jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
    external('INPUT'),
    proxyFirewall('FORWARD'),
    FORWARD,
    services('FORWARD'),
    external('FORWARD'),
    firewall('OUTPUT'),
    proxyFirewall('OUTPUT'),
    services('OUTPUT'),
    ...NAT_JUMPS,
  ],
};

/** The ways in, in the order in which the real programs leave them: each is put on top of those before it. */
export function jumps(layout: RuleLayout, options: RuleOptions): readonly Jump[] {
  const withFirewall = layout === '1.20' || options.localhostNodePorts;
  return JUMPS[layout].filter((one) => withFirewall || !one.rule.endsWith('-j KUBE-FIREWALL'));
}

/** Every chain of any layout that does not belong to one service: kube-proxy may change and delete these. */
export const FIXED_CHAINS: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-POSTROUTING',
  'KUBE-FORWARD',
  'KUBE-FIREWALL',
  'KUBE-PROXY-FIREWALL',
  'KUBE-MARK-MASQ',
  'KUBE-MARK-DROP',
  'KUBE-PROXY-CANARY',
  'KUBE-KUBELET-CANARY',
  'KUBE-IPTABLES-HINT',
]);
