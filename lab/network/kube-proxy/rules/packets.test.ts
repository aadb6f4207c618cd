import { expect, it } from 'vitest';
import type { RuleLayout } from '../../../api/cluster.ts';
import { seeds } from '../../../testing/index.ts';
import { SavedReader, transactions } from '../apply/index.ts';
import { OPTIONS, rulesOf, served } from '../render.fixture.ts';
import { NODE, NODE_IP, type Plan, randomCluster } from '../testing/random-cluster.fixture.ts';
import { FakeTables } from '../testing/tables.fixture.ts';
import { type Outcome, type Packet, walk } from '../testing/walk.fixture.ts';

/** What the Service promises, said without any thought of rules. */
interface Expected {
  readonly verdict: 'delivered' | 'DROP' | 'REJECT';
  /** undefined: not translated. */
  readonly targets?: readonly string[];
  readonly masqueraded?: boolean;
}
type Way = 'cluster' | 'node port' | 'loopback' | 'load balancer' | 'external';

const CLIENT = '10.1.0.89';
const STRANGER = '172.20.0.9';
const isLocal = (address: string) => address === NODE_IP || address.startsWith('127.');
const UNTOUCHED: Expected = { verdict: 'delivered' };

function usable(plan: Plan, onlyLocal: boolean): string[] {
  const endpoints = plan.endpoints.filter(({ local }) => local || !onlyLocal);
  const ready = endpoints.filter(({ state }) => state === 'ready');
  const chosen = ready.length > 0 ? ready : endpoints.filter(({ state }) => state === 'leaving');
  return chosen.map(({ address }) => `${address}:8080`).sort();
}

function expected(layout: RuleLayout, plan: Plan, way: Way, packet: Packet): Expected {
  const { from, source, destination } = packet;
  const all = usable(plan, false);
  const toNode = isLocal(destination);
  if (all.length === 0) {
    // External addresses are refused where packets come in; what the node itself sends to a foreign one is not.
    if (way !== 'cluster' && from === 'node' && !toNode) return UNTOUCHED;
    return { verdict: 'REJECT' };
  }
  if (way === 'cluster') {
    const targets = usable(plan, plan.internalLocal);
    return targets.length === 0
      ? { verdict: 'DROP' }
      : { verdict: 'delivered', targets, masqueraded: from !== 'pod' };
  }
  const allowed =
    way !== 'load balancer' ||
    plan.sourceRanges.length === 0 ||
    plan.sourceRanges.some((range) => source.startsWith(`${range.split('.').slice(0, 3).join('.')}.`));
  // 1.20 marks it to be dropped in INPUT and OUTPUT of the node, where a packet for a foreign address does not come by.
  if (!allowed) {
    return layout === '1.20' && from !== 'node' ? UNTOUCHED : { verdict: 'DROP' };
  }
  // 1.20 serves external IPs to others only, unless the address is the node's own.
  if (layout === '1.20' && way === 'external' && from === 'node' && !toNode) return UNTOUCHED;
  if (!plan.externalLocal) return { verdict: 'delivered', targets: all, masqueraded: true };
  if (from !== 'outside') return { verdict: 'delivered', targets: all, masqueraded: from === 'node' };
  const here = usable(plan, true);
  if (here.length > 0) return { verdict: 'delivered', targets: here, masqueraded: false };
  return layout === '1.20' && !toNode ? UNTOUCHED : { verdict: 'DROP' };
}

function* destinations(plan: Plan): Generator<[Way, string, number]> {
  yield ['cluster', plan.clusterIP, plan.port];
  if (plan.nodePort) yield ['node port', NODE_IP, plan.nodePort];
  if (plan.nodePort) yield ['loopback', '127.0.0.1', plan.nodePort];
  if (plan.loadBalancerIP) yield ['load balancer', plan.loadBalancerIP, plan.port];
  if (plan.externalIP) yield ['external', plan.externalIP, plan.port];
}

function* packets(plan: Plan): Generator<[Way, Packet]> {
  const protocol = plan.protocol.toLowerCase();
  for (const [way, destination, port] of destinations(plan)) {
    const to = { destination, port, protocol };
    if (way === 'loopback') {
      yield [way, { from: 'node', source: '127.0.0.1', ...to }];
      continue;
    }
    yield [way, { from: 'pod', source: '192.168.8.250', ...to }];
    yield [way, { from: 'node', source: NODE_IP, ...to }];
    for (const source of [CLIENT, STRANGER]) yield [way, { from: 'outside', source, ...to }];
    for (const { address } of plan.endpoints) {
      if (!isLocal(address)) yield [way, { from: 'pod', source: address, ...to }];
    }
  }
}

async function kernelOf(
  layout: RuleLayout,
  seed: number,
): Promise<{ tables: FakeTables; plans: readonly Plan[] }> {
  const { plans, services, slices } = randomCluster(seed);
  const rules = rulesOf(layout, served(services, slices, NODE), OPTIONS);
  const tables = new FakeTables();
  const reader = new SavedReader(rules);
  await tables.save((line) => reader.line(line));
  await tables.restore(transactions(rules, reader.end(), { chainsAtOnce: 3 }));
  return { tables, plans };
}

const SEEDS = seeds(24, 400);

/** In what the outcomes differ from what is expected; undefined when they do not. */
function difference(outcomes: readonly Outcome[], want: Expected, packet: Packet): string | undefined {
  if (outcomes.some(({ verdict }) => verdict !== want.verdict)) return 'verdict';
  if (want.verdict !== 'delivered') return undefined;
  const targets = outcomes.map(({ target }) => target ?? 'as it is').sort();
  if (targets.join() !== (want.targets ?? ['as it is']).join()) return 'targets';
  for (const { probability, target, masqueraded } of want.targets ? outcomes : []) {
    // The kernel keeps probabilities to 2^-31.
    if (Math.abs(probability - 1 / targets.length) > 1e-8) return 'probability';
    const hairpin = target === `${packet.source}:8080`;
    // What stays on the node is not masqueraded: it does not leave.
    const leaves = packet.from === 'node' || !isLocal(target?.split(':')[0] ?? '');
    if (masqueraded !== (leaves && (want.masqueraded || hairpin))) return 'masquerading';
  }
  return undefined;
}

it.each(['1.20', '1.30'] as const)(
  'layout %s sends every packet where its Service says',
  { timeout: 60_000 },
  async (layout) => {
    let seen = 0;
    const ways = new Set<string>();
    for (const seed of SEEDS) {
      const { tables, plans } = await kernelOf(layout, seed);
      for (const plan of plans) {
        for (const [way, packet] of packets(plan)) {
          seen++;
          const want = expected(layout, plan, way, packet);
          ways.add(`${way} ${want.verdict} ${want.targets ? 'translated' : 'as it is'}`);
          const outcomes = walk(tables, packet, isLocal);
          const wrong = difference(outcomes, want, packet);
          if (wrong)
            expect(
              { outcomes },
              `${wrong}: seed ${seed}, ${way} ${JSON.stringify({ packet, plan })}`,
            ).toEqual(want);
        }
      }
    }
    expect(seen).toBeGreaterThan(25 * SEEDS.length);
    // All that can happen did happen.
    expect(ways.size).toBeGreaterThan(12);
  },
);

it.each(['1.20', '1.30'] as const)(
  'layout %s keeps a client at its endpoint',
  { timeout: 60_000 },
  async (layout) => {
    let kept = 0;
    for (const seed of SEEDS) {
      const { tables, plans } = await kernelOf(layout, seed);
      for (const plan of plans.filter(({ affinity }) => affinity)) {
        for (const [way, packet] of packets(plan)) {
          for (const first of walk(tables, packet, isLocal)) {
            if (first.target === undefined) continue;
            const again = walk(tables, { ...packet, remembered: new Set(first.remembered) }, isLocal);
            if (first.remembered.length === 1 && again.every(({ target }) => target === first.target)) kept++;
            else expect({ first, again }, `seed ${seed}, ${way} ${JSON.stringify(packet)}`).toBeUndefined();
          }
        }
      }
    }
    expect(kept).toBeGreaterThan(4 * SEEDS.length);
  },
);
