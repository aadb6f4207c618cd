import { type Cidr, cidrRange, formatCidr, freeCidr, rangesOverlap } from '../address.ts';
import type { Draft } from '../draft.ts';
import { type Finding, formatPath, type Path } from '../fault.ts';

/** Every range of networks, in the order of the file. */
export function rangesOf(draft: Draft): { path: Path; cidr: Cidr }[] {
  const networks = (draft.networks ?? []).map(({ path, subnet }) => ({
    path: [...path, 'subnet'],
    cidr: subnet,
  }));
  const { podCIDR, serviceCIDR } = draft.cluster;
  return [
    ...networks,
    { path: ['cluster', 'podCIDR'], cidr: podCIDR },
    { path: ['cluster', 'serviceCIDR'], cidr: serviceCIDR },
  ].flatMap(({ path, cidr }) => (cidr ? [{ path, cidr }] : []));
}

/** Networks, pods and services do not share addresses ("should not overlap", steps 2-4 of the IKS wizard). */
export function overlapRule(draft: Draft): Finding[] {
  const ranges = rangesOf(draft);
  return ranges.flatMap(({ path, cidr }, i) => {
    const clashes = ranges
      .slice(0, i)
      .filter((other) => rangesOverlap(cidrRange(other.cidr), cidrRange(cidr)));
    if (clashes.length === 0) return [];
    const others = ranges.filter((other) => other.path !== path).map((other) => cidrRange(other.cidr));
    const free = freeCidr(cidr.prefix, others);
    return [
      {
        path,
        message: `${formatCidr(cidr)} overlaps ${clashes.map((other) => `${formatPath(other.path)} (${formatCidr(other.cidr)})`).join(' and ')}`,
        rule: 'the ranges of networks, pods and services do not overlap',
        right: free ? `a range of its own, such as ${formatCidr(free)}` : 'smaller ranges',
      },
    ];
  });
}
