import { type Cidr, cidrRange, formatCidr, freeCidr, type Range, rangesOverlap } from '../address.ts';
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
  const findings: Finding[] = [];
  // A range that is blamed already is not held against the ones after it: it will move.
  const good: typeof ranges = [];
  for (const item of ranges) {
    const clashes = good.filter((other) => rangesOverlap(cidrRange(other.cidr), cidrRange(item.cidr)));
    if (clashes.length === 0) {
      good.push(item);
      continue;
    }
    const names = clashes.map((other) => `${formatPath(other.path)} (${formatCidr(other.cidr)})`);
    const others = ranges.filter((other) => other !== item).map((other) => cidrRange(other.cidr));
    findings.push({
      path: item.path,
      message: `${formatCidr(item.cidr)} overlaps ${names.join(' and ')}`,
      rule: 'the ranges of networks, pods and services do not overlap',
      right: `a range of its own${suggestion(item.cidr.prefix, others)}`,
    });
  }
  return findings;
}

/** A free range as large as the one that clashes, or the next smaller one there is. */
function suggestion(prefix: number, others: Range[]): string {
  for (let length = prefix; length <= Math.max(prefix, 24); length++) {
    const free = freeCidr(length, others);
    if (free) return `, such as ${formatCidr(free)}`;
  }
  return '';
}
