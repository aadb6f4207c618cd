import { clearMark, ipSetName, MARK, marked, notMarked } from './names.ts';
import type { Chain, Rule } from './rule.ts';

const HOSTS = ipSetName('all-hosts-net');
const accepted: Rule = { match: marked(MARK.accept), action: '--jump ACCEPT' };
const hostPolicyAccepted: Rule = { ...accepted, comment: 'Host endpoint policy accepted packet.' };

/** The guard of tunl0: the device itself lets anybody's IP-in-IP in. */
const IPIP_IN: readonly Rule[] = [
  {
    comment: 'Allow IPIP packets from Calico hosts',
    match: `-p 4 -m set --match-set ${HOSTS} src -m addrtype --dst-type LOCAL`,
    action: '--jump ACCEPT',
  },
  { comment: 'Drop IPIP packets from non-Calico hosts', match: '-p 4', action: '--jump DROP' },
];

/**
 * Felix' chains of table filter that are the same on every node. A packet that a pod's chains let pass comes back
 * here with the accept mark; it is accepted only at the very end of FORWARD, so that kube-proxy's REJECT of a service
 * without endpoints is still met.
 *
 * A node reaches its own pods whatever their policies say (cali-OUTPUT returns for cali interfaces: probes of the
 * kubelet must pass), and a pod reaches its node if its own egress policy lets it: DefaultEndpointToHostAction
 * is Accept in Calico's manifest.
 *
 * @see Felix 3.16 rules/static.go, and Figure 78
 */
export function staticFilterChains(encapsulated: boolean): Chain[] {
  return [
    {
      name: 'cali-FORWARD',
      rules: [
        { action: clearMark(MARK.allButAccept) },
        { match: notMarked(MARK.accept), action: '--jump cali-from-hep-forward' },
        { match: '--in-interface cali+', action: '--jump cali-from-wl-dispatch' },
        { match: '--out-interface cali+', action: '--jump cali-to-wl-dispatch' },
        { action: '--jump cali-to-hep-forward' },
      ],
    },
    {
      name: 'cali-INPUT',
      rules: [
        ...(encapsulated ? IPIP_IN : []),
        { match: '--in-interface cali+', action: '--goto cali-wl-to-host' },
        accepted,
        { action: clearMark(MARK.all) },
        { action: '--jump cali-from-host-endpoint' },
        hostPolicyAccepted,
      ],
    },
    {
      name: 'cali-wl-to-host',
      rules: [
        { action: '--jump cali-from-wl-dispatch' },
        { comment: 'Configured DefaultEndpointToHostAction', action: '--jump ACCEPT' },
      ],
    },
    {
      name: 'cali-OUTPUT',
      rules: [
        accepted,
        { match: '--out-interface cali+', action: '--jump RETURN' },
        ...(encapsulated
          ? [
              {
                comment: 'Allow IPIP packets to other Calico hosts',
                match: `-p 4 -m set --match-set ${HOSTS} dst -m addrtype --src-type LOCAL`,
                action: '--jump ACCEPT',
              },
            ]
          : []),
        { action: clearMark(MARK.all) },
        { action: '--jump cali-to-host-endpoint' },
        hostPolicyAccepted,
      ],
    },
    // No host endpoints, so these four are empty; those they would lead to (cali-failsafe-in, …) are not programmed
    // since nothing refers to them.
    ...[
      'cali-from-hep-forward',
      'cali-to-hep-forward',
      'cali-from-host-endpoint',
      'cali-to-host-endpoint',
    ].map((name): Chain => ({ name, rules: [] })),
  ];
}

/** Behind all rules of others in FORWARD; the tag's name for the chain is Felix' own. */
export const FORWARD_APPENDS: Chain = {
  name: 'FORWARD',
  hashName: 'FORWARD*appends*',
  rules: [
    { ...accepted, comment: 'Policy explicitly accepted packet.' },
    { action: `--jump MARK --set-mark ${MARK.accept}/${MARK.accept}` },
  ],
};
