import type { Attachment } from './result.ts';

/** The next hop of every pod: assigned nowhere, answered for by proxy ARP on the host end of the veth. */
export const GATEWAY = '169.254.1.1';
/** MAC of every host end, so that a pod's neighbour entry stays right when the pod's host end is made anew. */
export const HOST_MAC = 'ee:ee:ee:ee:ee:ee';

/** What has to be done to wire a pod, in this order: `pod`, then `hostSysctls`, then `host`. */
export interface WiringPlan {
  /** Set in the pod's namespace before anything else. */
  readonly podSysctls: readonly Sysctl[];
  /** Lines for `ip -batch` in the pod's namespace; the first makes the veth pair, the last moves its host end out. */
  readonly pod: readonly string[];
  readonly hostSysctls: readonly Sysctl[];
  /** Lines for `ip -batch` in the host's namespace. */
  readonly host: readonly string[];
}

export interface Sysctl {
  /** File under /proc/sys. */
  readonly path: string;
  readonly value: string;
  /** May be absent: a kernel without IPv6. */
  readonly optional?: boolean;
}

/**
 * The steps by which Calico wires a pod (cni-plugin internal/pkg/utils/network_linux.go, DoNetworking):
 * the pair is made inside the pod's namespace, the address is set after the routes, and the host end moves out last.
 *
 * @param pid a process in the host's namespace; `ip` finds that namespace by it
 */
export function wiringPlan(made: Attachment, mtu: number, pid: number): WiringPlan {
  const { hostInterface: host, podInterface: pod, address } = made;
  return {
    podSysctls: [{ path: 'net/ipv4/ip_forward', value: '0' }],
    pod: [
      `link add name ${pod} mtu ${mtu} address ${made.podMac} type veth peer name ${host} mtu ${mtu}`,
      `link set dev ${host} address ${HOST_MAC}`,
      `link set dev ${host} up`,
      `link set dev ${pod} up`,
      `route add ${GATEWAY} dev ${pod} scope link`,
      `route add default via ${GATEWAY} dev ${pod}`,
      `address add ${address}/32 dev ${pod}`,
      `link set dev ${host} netns ${pid}`,
    ],
    hostSysctls: [
      { path: `net/ipv6/conf/${host}/accept_ra`, value: '0', optional: true },
      // Otherwise the kernel answers the pod's first ARP request only after up to 0.8 s.
      { path: `net/ipv4/neigh/${host}/proxy_delay`, value: '0' },
      { path: `net/ipv4/conf/${host}/proxy_arp`, value: '1' },
      { path: `net/ipv4/conf/${host}/forwarding`, value: '1' },
    ],
    host: [`link set dev ${host} up`, `route replace ${address}/32 dev ${host} scope link`],
  };
}

/**
 * A MAC for a pod's interface out of six random bytes: unicast and locally administered (IEEE 802), as the kernel draws
 * them. Chosen here, so that it is known without asking the kernel again.
 */
export function podMac(random: Uint8Array): string {
  const bytes = [...random.subarray(0, 6)].map((byte, i) => (i === 0 ? (byte & 0xfe) | 0x02 : byte));
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
