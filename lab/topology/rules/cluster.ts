import {
  type Cidr,
  cidrRange,
  cidrSize,
  formatAddress,
  formatCidr,
  freeCidr,
  inRange,
  prefixFor,
  rangesOverlap,
} from '../address.ts';
import { grown } from '../checks/address.ts';
import { DEFAULTS, DNS_OFFSET } from '../defaults.ts';
import type { Draft } from '../draft.ts';
import type { Finding } from '../fault.ts';
import { rangesOf } from './overlap.ts';

/** The cluster's own ranges and timers. */
export function clusterRule(draft: Draft): Finding[] {
  return [...capacity(draft), ...dns(draft), ...timers(draft)];
}

/** "A minimum of 64 IP addresses must be available to each node" (step 2): one block. */
function capacity(draft: Draft): Finding[] {
  const { podCIDR, blockSize } = draft.cluster;
  if (!podCIDR || blockSize === undefined) return [];
  if (blockSize < podCIDR.prefix && blockSize !== DEFAULTS.blockSize) {
    return [
      {
        path: ['cluster', 'blockSize'],
        message: `a /${blockSize} block is larger than the pod CIDR ${formatCidr(podCIDR)}`,
        rule: 'the pod CIDR is divided into blocks, one or more for each node',
        right: podCIDR.prefix <= 26 ? 'blockSize: 26, or a larger podCIDR' : 'a larger podCIDR',
      },
    ];
  }
  const nodes = Math.max(1, draft.nodes?.length ?? 1);
  const block = 2 ** (32 - blockSize);
  if (nodes * block <= cidrSize(podCIDR)) return [];
  return [
    {
      path: ['cluster', 'podCIDR'],
      message: `${formatCidr(podCIDR)} has ${cidrSize(podCIDR)} addresses for ${nodes === 1 ? 'a node' : `${nodes} nodes`}`,
      rule: `a pod CIDR has at least ${block} addresses (one /${blockSize} block) for each node: ${nodes} × ${block} = ${nodes * block}`,
      right: `a /${prefixFor(nodes * block)} or larger, such as ${formatCidr(room(draft, podCIDR, nodes * block))}`,
    },
  ];
}

/** A range of `size` addresses around the one given, or elsewhere when that would run into another range. */
function room(draft: Draft, cidr: Cidr, size: number): Cidr {
  const near = grown(cidr, size);
  const others = rangesOf(draft)
    .filter(({ path }) => path[1] !== 'podCIDR')
    .map((other) => cidrRange(other.cidr));
  if (!others.some((other) => rangesOverlap(other, cidrRange(near)))) return near;
  return freeCidr(near.prefix, others) ?? near;
}

function dns(draft: Draft): Finding[] {
  const { clusterDNS, serviceCIDR } = draft.cluster;
  if (clusterDNS === undefined || !serviceCIDR) return [];
  const path = ['cluster', 'clusterDNS'];
  const text = formatAddress(clusterDNS);
  const range = cidrRange(serviceCIDR);
  const right = `${formatAddress(serviceCIDR.base + DNS_OFFSET)}, or no clusterDNS`;
  if (!inRange(range, clusterDNS)) {
    return [
      {
        path,
        message: `${text} is not in the service CIDR ${formatCidr(serviceCIDR)}`,
        rule: "the cluster's DNS is a service, so its address is one of the service CIDR",
        right,
      },
    ];
  }
  if (clusterDNS === range.first || clusterDNS === range.last) {
    const name = clusterDNS === range.first ? 'network' : 'broadcast';
    return [
      {
        path,
        message: `${text} is the ${name} address of ${formatCidr(serviceCIDR)}`,
        rule: 'no service has the first or the last address of the service CIDR',
        right,
      },
    ];
  }
  if (clusterDNS === range.first + 1) {
    return [
      {
        path,
        message: `${text} is the address of the kubernetes service`,
        rule: 'the first service address belongs to the API server (default/kubernetes)',
        right,
      },
    ];
  }
  return [];
}

/** RFC 4271 §4.4: keepalives at a third of the hold time at most. */
function timers(draft: Draft): Finding[] {
  const { keepaliveTime, holdTime } = draft.cluster;
  if (keepaliveTime === undefined || holdTime === undefined || holdTime >= 3 * keepaliveTime) return [];
  const third = Math.floor(holdTime / 3);
  return [
    {
      path: ['cluster', 'bgp', 'holdTime'],
      message: `a hold time of ${holdTime} s is less than three keepalives of ${keepaliveTime} s`,
      rule: 'the hold time is at least three times the keepalive time (RFC 4271 §4.4)',
      right: `holdTime: ${3 * keepaliveTime}${third >= 1 ? `, or keepaliveTime: ${third}` : ''}`,
    },
  ];
}
