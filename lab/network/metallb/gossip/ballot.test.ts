import { describe, expect, it } from 'vitest';
import { seeded, seeds } from '../../../testing/index.ts';
import { order, Simulation } from './simulation.fixture.ts';

const VIP = '10.1.110.105';
const NOBODY = '';
const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const inOrder = (names: readonly string[]) => [...names].sort((a, b) => order(VIP, a, b));

function cluster(size: number, seed = 1): Simulation {
  const names = NAMES.slice(0, size);
  const simulation = new Simulation(names, seeded(seed));
  simulation.elect(VIP, names);
  return simulation;
}

it.each([1, 2, 3, 4, 5])(
  'of %i speakers the first in the order answers, one lease after the start',
  (size) => {
    const simulation = cluster(size);
    const [first] = inOrder(NAMES.slice(0, size));
    simulation.run(1_500);
    expect(simulation.answering(VIP)).toEqual([first]);
    simulation.run(5_000);
    expect(simulation.answering(VIP)).toEqual([first]);
    expect(simulation.violations).toEqual([]);
  },
);

describe.each([2, 3, 4, 5])('%i speakers', (size) => {
  const names = inOrder(NAMES.slice(0, size));
  const [first = '', second = ''] = names;

  it('after a kill the next one answers within 2.5 s', () => {
    const simulation = cluster(size);
    simulation.run(3_000);
    simulation.kill(first);
    const killed = simulation.now;
    const taken = simulation.until(VIP, second, 2_500);
    expect(taken).toBeDefined();
    expect(simulation.violations).toEqual([]);
    expect((taken ?? 0) - killed).toBeGreaterThan(500);
  });

  it('after a clean stop within 50 ms, and back after the restart without a gap of 50 ms', () => {
    const simulation = cluster(size);
    simulation.run(3_000);
    simulation.stop(first);
    expect(simulation.until(VIP, second, 50)).toBeDefined();
    simulation.run(2_000);
    simulation.start(first);
    const gap = simulation.shares(VIP, 3_000).get(NOBODY) ?? 0;
    expect(simulation.answering(VIP)).toEqual([first]);
    expect(gap).toBeLessThan(50);
    expect(simulation.violations).toEqual([]);
  });

  it('the last one left still answers', () => {
    const simulation = cluster(size);
    simulation.run(3_000);
    for (const name of names.slice(0, -1)) simulation.kill(name);
    expect(simulation.until(VIP, names.at(-1), 3_000)).toBeDefined();
    expect(simulation.violations).toEqual([]);
  });

  it('moves between candidates leave no overlap, and hardly a gap', () => {
    const simulation = cluster(size);
    simulation.run(3_000);
    let gap = 0;
    for (let move = 0; move < 20; move++) {
      const target = names[move % size] ?? '';
      for (const node of simulation.nodes) {
        simulation.elect(VIP, [target], [node]);
        simulation.run(3);
      }
      gap += simulation.shares(VIP, 500).get(NOBODY) ?? 0;
      expect(simulation.answering(VIP)).toEqual([target]);
    }
    expect(simulation.violations).toEqual([]);
    expect(gap / 20).toBeLessThan(250);
  });
});

describe('partitions', () => {
  it('the cut-off holder stops before the others begin; after the cut is mended there is one again', () => {
    const simulation = cluster(3);
    const [first = '', second = ''] = inOrder(NAMES.slice(0, 3));
    simulation.run(3_000);
    simulation.connected = (a, b) => (a === first) === (b === first);
    expect(simulation.until(VIP, second, 3_000)).toBeDefined();
    simulation.run(10_000);
    expect(simulation.answering(VIP)).toEqual([second]);
    simulation.connected = () => true;
    simulation.run(1_000);
    expect(simulation.answering(VIP)).toEqual([first]);
    expect(simulation.violations).toEqual([]);
  });

  it('one direction lost between two nodes moves nothing', () => {
    const simulation = cluster(3);
    const [first = '', second = ''] = inOrder(NAMES.slice(0, 3));
    simulation.run(3_000);
    simulation.connected = (a, b) => !(a === first && b === second);
    expect([...simulation.shares(VIP, 5_000).keys()]).toEqual([first]);
  });

  it.each([2, 4])('%i speakers cut in halves: one answers', (size) => {
    const simulation = cluster(size);
    simulation.run(3_000);
    const half = new Set(NAMES.slice(0, size / 2));
    simulation.connected = (a, b) => half.has(a) === half.has(b);
    simulation.run(5_000);
    const who = [...simulation.shares(VIP, 5_000).keys()];
    expect(who.filter((names) => names === NOBODY || names.includes(','))).toEqual([]);
    simulation.connected = () => true;
    simulation.run(2_000);
    expect(simulation.answering(VIP)).toEqual([inOrder(NAMES.slice(0, size))[0]]);
    expect(simulation.violations).toEqual([]);
  });

  it('a process that stands still loses its addresses, though its responder goes on', () => {
    const simulation = cluster(3);
    const [first = '', second = ''] = inOrder(NAMES.slice(0, 3));
    simulation.run(3_000);
    simulation.node(first).frozenUntil = simulation.now + 4_000;
    expect(simulation.until(VIP, second, 2_500)).toBeDefined();
    simulation.run(6_000);
    expect(simulation.answering(VIP)).toEqual([first]);
    expect(simulation.violations).toEqual([]);
  });
});

describe('anything may happen', () => {
  it.each(seeds(20, 300))('seed %i: never two', (seed) => {
    const rng = seeded(seed);
    const size = 1 + (seed % 5);
    const names = NAMES.slice(0, size);
    const simulation = new Simulation(names, rng);
    const addresses = [VIP, '10.1.110.106'];
    const pick = () => names[Math.floor(rng() * size)] ?? '';
    const some = () => names.filter(() => rng() < 0.6);
    for (const address of addresses) simulation.elect(address, names);
    for (let round = 0; round < 60; round++) {
      simulation.loss = rng() < 0.5 ? 0 : rng() * 0.4;
      simulation.maxDelay = rng() < 0.7 ? 2 : 1 + Math.floor(rng() * 700);
      const kind = Math.floor(rng() * 8);
      if (kind === 0) simulation.kill(pick());
      if (kind === 1) simulation.stop(pick());
      if (kind === 2) for (const node of simulation.nodes) if (!node.ballot) simulation.start(node.name);
      if (kind === 3) {
        const side = new Set(some());
        simulation.connected = (a, b) => side.has(a) === side.has(b);
      }
      if (kind === 4) simulation.connected = () => true;
      if (kind === 5) simulation.node(pick()).frozenUntil = simulation.now + rng() * 3_000;
      if (kind >= 6) {
        const candidates = some();
        const address = addresses[Math.floor(rng() * 2)] ?? VIP;
        for (const node of simulation.nodes) {
          if (rng() < 0.8) simulation.elect(address, candidates, [node]);
          simulation.run(Math.floor(rng() * 30));
        }
      }
      simulation.run(Math.floor(rng() * 1_500));
    }
    expect(simulation.violations).toEqual([]);
    // And when all is well again, there is one.
    simulation.connected = () => true;
    simulation.loss = 0;
    simulation.maxDelay = 2;
    for (const node of simulation.nodes) if (!node.ballot) simulation.start(node.name);
    for (const address of addresses) simulation.elect(address, names);
    simulation.run(6_000);
    for (const address of addresses) expect(simulation.answering(address)).toHaveLength(1);
    expect(simulation.violations).toEqual([]);
  });
});
