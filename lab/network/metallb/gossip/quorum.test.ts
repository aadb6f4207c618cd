import { expect, it } from 'vitest';
import { Members } from './members.ts';
import type { Message } from './message.ts';
import { Quorum } from './quorum.ts';

const VIP = '10.1.110.105';
const LEASE = 1_200;
const VOTERS = new Set(['a', 'b', 'c']);

function from(node: string, sequence: number, promised: string, more: Partial<Message> = {}): Message {
  const heard = { a: { incarnation: 1, sequence, age: 0 } };
  const state = { node, incarnation: 9, sequence: 1, ready: true, leaving: false, claims: {} };
  return { ...state, grants: { [VIP]: promised }, heard, ...more };
}

function quorum() {
  const members = new Members('a', LEASE);
  const made = new Quorum('a', 1, LEASE, members);
  made.sent(1, 100);
  made.sent(2, 300);
  return { members, quorum: made };
}

it('the lease counts from when the message was sent that a promise answers', () => {
  const { members, quorum: a } = quorum();
  expect(a.until(VIP, VOTERS, 350)).toBe(0);
  members.take(from('b', 1, 'a'), 340);
  expect(a.until(VIP, VOTERS, 350)).toBe(100 + LEASE);
  // The majority is this node and the one that promised later.
  members.take(from('c', 2, 'a'), 345);
  expect(a.until(VIP, VOTERS, 350)).toBe(300 + LEASE);
});

it.each<[string, Message]>([
  ['to another', from('b', 2, 'c')],
  [
    'to a process before this one',
    from('b', 2, 'a', { heard: { a: { incarnation: 0, sequence: 2, age: 0 } } }),
  ],
  ['that answers nothing', from('b', 2, 'a', { heard: {} })],
])('a promise %s is none', (_, message) => {
  const { members, quorum: a } = quorum();
  members.take(message, 340);
  expect(a.until(VIP, VOTERS, 350)).toBe(0);
});

it('what was sent longer ago than the lease proves nothing', () => {
  const { members, quorum: a } = quorum();
  members.take(from('b', 1, 'a'), 340);
  a.sent(3, 101 + LEASE);
  expect(a.until(VIP, VOTERS, 101 + LEASE)).toBe(0);
});

it('a node is accounted for while it hears this one, or has just left', () => {
  const { members, quorum: a } = quorum();
  const pair = new Set(['a', 'b']);
  expect(a.areAccounted(pair, 350)).toBe(false);
  members.take(from('b', 1, ''), 340);
  expect(a.areAccounted(pair, 100 + LEASE - 1)).toBe(true);
  expect(a.areAccounted(pair, 100 + LEASE)).toBe(false);
  members.take(from('b', 0, '', { sequence: 2, leaving: true, heard: {} }), 500);
  expect(a.areAccounted(pair, 500 + LEASE - 1)).toBe(true);
  expect(a.areAccounted(pair, 500 + LEASE)).toBe(false);
});
