import { describe, expect, it } from 'vitest';
import { Grants } from './grants.ts';
import { Members } from './members.ts';
import type { ClaimState, Message } from './message.ts';

const VIP = '10.1.110.105';
const LEASE = 1_200;

const grants = () =>
  new Grants({ self: 'a', leaseMs: LEASE, order: (_, one, other) => (one < other ? -1 : 1) });

function claim(node: string, state?: ClaimState): Message {
  const claims: Message['claims'] = state ? { [VIP]: state } : {};
  return { node, incarnation: 1, sequence: 1, ready: true, leaving: false, claims, grants: {}, heard: {} };
}

describe('a promise', () => {
  it('is for one, until that one is not heard for the lease', () => {
    const a = grants();
    a.hear(claim('b', 'claim'), 0, true);
    a.hear(claim('c', 'claim'), 10, true);
    expect([a.to(VIP), a.nextEnd(10)]).toEqual(['b', LEASE]);
    a.hear(claim('b', 'hold'), 500, true);
    expect(a.nextEnd(500)).toBe(500 + LEASE);
    a.expire(499 + LEASE);
    expect(a.state(499 + LEASE)).toEqual({ [VIP]: 'b' });
    a.expire(500 + LEASE);
    expect(a.to(VIP)).toBeUndefined();
  });

  it('ends when its holder does not claim any more', () => {
    const a = grants();
    a.hear(claim('b', 'hold'), 0, true);
    a.hear(claim('c'), 10, true);
    expect(a.to(VIP)).toBe('b');
    a.hear(claim('b'), 20, true);
    expect(a.to(VIP)).toBeUndefined();
  });

  it('to oneself lasts until it is taken back', () => {
    const a = grants();
    a.give(VIP, 'a', 0);
    a.hear(claim('b', 'claim'), 1e9, true);
    a.expire(1e9);
    expect(a.isOwn(VIP)).toBe(true);
    a.takeBackOwn(VIP);
    expect(a.to(VIP)).toBeUndefined();
  });

  it('of another is not taken back as if it were one’s own', () => {
    const a = grants();
    a.give(VIP, 'b', 0);
    a.takeBackOwn(VIP);
    expect(a.to(VIP)).toBe('b');
  });
});

it('a process that may have promised before it started promises only to those that hold', () => {
  const a = grants();
  a.hear(claim('b', 'claim'), 0, false);
  expect(a.to(VIP)).toBeUndefined();
  a.hear(claim('c', 'alone'), 0, false);
  expect(a.to(VIP)).toBe('c');
});

it('a free address goes to the first in the order of those that wait, from when it was heard', () => {
  const a = grants();
  const members = new Members('a', LEASE);
  members.take(claim('c', 'claim'), 100);
  members.take(claim('b', 'claim'), 200);
  a.giveToWaiting(members, 900);
  expect([a.to(VIP), a.nextEnd(900)]).toEqual(['b', 200 + LEASE]);
});
