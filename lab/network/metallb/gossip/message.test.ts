import { describe, expect, it } from 'vitest';
import { seeded } from '../../../testing/index.ts';
import { decode, encode, type Message } from './message.ts';

const key = Buffer.from('secret');
const message: Message = {
  node: 'worker2',
  incarnation: 1_767_000_000_000,
  sequence: 7,
  ready: true,
  leaving: false,
  claims: { '10.1.110.105': 'hold' },
  grants: { '10.1.110.105': 'worker2' },
  heard: { worker1: { incarnation: 3, sequence: 4, age: 12 } },
};

describe('messages', () => {
  it('come out as they went in, with the present or the former secret', () => {
    const datagram = encode(message, key);
    expect(decode(datagram, [key])).toEqual(message);
    expect(decode(datagram, [Buffer.from('new'), key])).toEqual(message);
    expect(datagram.length).toBeLessThan(400);
  });
  it('of somebody who does not know the secret are not taken', () => {
    expect(decode(encode(message, Buffer.from('other')), [key])).toBeUndefined();
    expect(decode(encode(message, key), [])).toBeUndefined();
  });
  it('that were changed on the way are not taken', () => {
    const rng = seeded(5);
    for (let n = 0; n < 2_000; n++) {
      const datagram = encode(message, key);
      const at = Math.floor(rng() * datagram.length);
      datagram[at] = (datagram[at] ?? 0) ^ (1 + Math.floor(rng() * 255));
      const cut = rng() < 0.5 ? datagram : datagram.subarray(0, Math.floor(rng() * datagram.length));
      expect(decode(cut, [key])).toBeUndefined();
    }
  });
  it.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['no node', { ...message, node: '' }],
    ['a number that is none', { ...message, sequence: -1 }],
    ['claims of another kind', { ...message, claims: { x: 'own' } }],
    ['claims as a list', { ...message, claims: [] }],
    ['a hearing without age', { ...message, heard: { a: { incarnation: 1, sequence: 1 } } }],
    ['a hearing that is null', { ...message, heard: { a: null } }],
  ])('of another shape are not taken: %s', (_, value) => {
    expect(decode(encode(value as Message, key), [key])).toBeUndefined();
  });
});
