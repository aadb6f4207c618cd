import { IPIP_OVERHEAD } from '../defaults.ts';
import type { Draft, DraftNetwork } from '../draft.ts';
import type { Finding } from '../fault.ts';

/** A packet of a pod has to fit through the wire, with the outer header when there is one. */
export function mtuRule(draft: Draft): Finding[] {
  const { encapsulation, mtu, mtuGiven } = draft.cluster;
  if (encapsulation === undefined || !draft.networks) return [];
  const used = new Set((draft.nodes ?? []).map((node) => node.network));
  const wires = draft.networks.filter((network) => used.has(network.name));
  const narrowest = wires.reduce<DraftNetwork | undefined>(
    (least, wire) => (wire.mtu !== undefined && wire.mtu < (least?.mtu ?? Infinity) ? wire : least),
    undefined,
  );
  if (narrowest?.mtu === undefined) return [];
  const overhead = encapsulation === 'Never' ? 0 : IPIP_OVERHEAD;
  const most = narrowest.mtu - overhead;
  if (most < 68) {
    const least = 68 + overhead;
    return [
      {
        path: [...narrowest.path, 'mtu'],
        message: `an MTU of ${narrowest.mtu} leaves ${most} bytes for the packets of pods`,
        rule: `a packet of 68 bytes fits (RFC 791), with the ${overhead} bytes of the outer header around it`,
        right: `at least ${least}; 1500 is usual`,
      },
    ];
  }
  if (!mtuGiven || mtu === undefined || mtu <= most) return [];
  return [
    {
      path: ['cluster', 'mtu'],
      message: `pods' packets of ${mtu} bytes do not fit through ${narrowest.name} (MTU ${narrowest.mtu})`,
      rule:
        overhead > 0
          ? `the MTU of pods is at most the wire's less ${overhead} bytes for the outer header of IP in IP (RFC 2003)`
          : "the MTU of pods is at most the wire's",
      right: `${most} or less, or no mtu: it is ${most} then`,
    },
  ];
}
