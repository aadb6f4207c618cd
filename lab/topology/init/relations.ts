import {
  type Cidr,
  cidrRange,
  cidrSize,
  formatCidr,
  freeCidr,
  parseCidr,
  prefixFor,
  rangesOverlap,
} from '../address.ts';
import { DEFAULTS } from '../defaults.ts';
import type { Fault } from '../fault.ts';
import type { AnswerKey, KnownAnswers } from './answers.ts';

const POOLS = ['loadBalancerIpPool', 'controlPlaneIpPool', 'workerIpPool'] as const;
const RANGES: readonly [AnswerKey, string][] = [
  ['loadBalancerIpPool', 'the IP pool of step 2'],
  ['podNetworkCidr', 'the pod network CIDR'],
  ['serviceNetworkCidr', 'the service network CIDR'],
  ['controlPlaneIpPool', 'the IP pool of the control plane'],
  ['workerIpPool', 'the IP pool of the workers'],
];

/** Host addresses of a subnet which machines can have: one is the router's, one the engine's bridge's. */
export function roomOf(cidr: Cidr): number {
  return cidrSize(cidr) - 4;
}

/** What is wrong with one answer beside the others; those that are not known yet are not looked at. */
export function relationFault(key: AnswerKey, answers: KnownAnswers): Fault | undefined {
  return (
    overlap(key, answers) ?? podRoom(key, answers) ?? loadBalancerHome(key, answers) ?? poolRoom(key, answers)
  );
}

function cidr(answers: KnownAnswers, key: AnswerKey): Cidr | undefined {
  return parseCidr(answers[key] ?? '');
}

const isPool = (key: AnswerKey): boolean => POOLS.some((pool) => pool === key);

/** Pools may be one and the same; otherwise no two ranges share addresses. */
function overlap(key: AnswerKey, answers: KnownAnswers): Fault | undefined {
  const mine = cidr(answers, key);
  if (!mine || !RANGES.some(([range]) => range === key)) return undefined;
  const others = RANGES.flatMap(([other, label]) => {
    const range = other === key ? undefined : cidr(answers, other);
    const same = range && isPool(key) && isPool(other) && formatCidr(range) === formatCidr(mine);
    return range && !same ? [{ label, range }] : [];
  });
  const clash = others.find(({ range }) => rangesOverlap(cidrRange(range), cidrRange(mine)));
  if (!clash) return undefined;
  const free = freeCidr(
    mine.prefix,
    others.map(({ range }) => cidrRange(range)),
  );
  return {
    message: `${formatCidr(mine)} overlaps ${clash.label} (${formatCidr(clash.range)})`,
    rule: isPool(key)
      ? 'IP pools are the same or apart, and apart from the ranges of pods and services'
      : 'the ranges of nodes, pods and services do not overlap',
    right: free ? `for instance ${formatCidr(free)}` : 'smaller ranges',
  };
}

function podRoom(key: AnswerKey, answers: KnownAnswers): Fault | undefined {
  const pods = cidr(answers, 'podNetworkCidr');
  if ((key !== 'podNetworkCidr' && key !== 'workerCount') || !pods || answers.workerCount === undefined)
    return undefined;
  const nodes = 1 + Number(answers.workerCount);
  const block = 2 ** (32 - DEFAULTS.blockSize);
  if (cidrSize(pods) >= nodes * block) return undefined;
  const most = Math.floor(cidrSize(pods) / block) - 1;
  const larger = `a pod network CIDR of /${prefixFor(nodes * block)}`;
  return {
    message: `${formatCidr(pods)} has ${cidrSize(pods)} addresses for ${nodes} nodes`,
    rule: `a pod network CIDR has at least ${block} addresses for each node: ${nodes} × ${block} = ${nodes * block}`,
    right: key === 'workerCount' && most >= 0 ? `${most} workers or fewer, or ${larger}` : larger,
  };
}

/** The nodes answer ARP for load-balancer addresses, so these are in a network of nodes. */
function loadBalancerHome(key: AnswerKey, answers: KnownAnswers): Fault | undefined {
  const { loadBalancerIpPool: home, controlPlaneIpPool, workerIpPool, workerCount } = answers;
  if (!isPool(key) && key !== 'workerCount') return undefined;
  if (!home || !controlPlaneIpPool || !workerIpPool || home === controlPlaneIpPool) return undefined;
  if (home === workerIpPool && workerCount !== '0') return undefined;
  return {
    message: `no node is in ${home}, the IP pool of the load-balancer addresses`,
    rule: 'load-balancer addresses are in a network of nodes: the nodes answer ARP for them there',
    right: `the same IP pool in step 2 and in step 3 or 4: ${home}, ${controlPlaneIpPool} or ${workerIpPool}`,
  };
}

function poolRoom(key: AnswerKey, answers: KnownAnswers): Fault | undefined {
  if (!isPool(key) && key !== 'workerCount' && key !== 'loadBalancerCount') return undefined;
  const needs = new Map<string, number>();
  const need = (pool: string | undefined, count: number) => {
    if (pool) needs.set(pool, (needs.get(pool) ?? 0) + count);
  };
  need(answers.loadBalancerIpPool, Number(answers.loadBalancerCount ?? 0));
  need(answers.controlPlaneIpPool, 1);
  need(answers.workerIpPool, Number(answers.workerCount ?? 0));
  for (const [pool, count] of needs) {
    const subnet = parseCidr(pool);
    if (!subnet || count <= roomOf(subnet)) continue;
    return {
      message: `${pool} has room for ${roomOf(subnet)} nodes and load-balancer addresses, not for ${count}`,
      rule: 'nodes and load-balancer addresses fit their IP pool, besides the router and the bridge',
      right: `an IP pool of /${prefixFor(count + 4)}, or fewer of them`,
    };
  }
  return undefined;
}
