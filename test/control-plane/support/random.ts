import { pick } from '../../../lab/testing/index.ts';

const NASTY: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  80.5,
  '',
  'a',
  'A_b',
  '\u0000',
  '💥',
  '../../etc',
  '__proto__',
  'constructor',
  '10.96.0.1',
  '1/0',
  '100m',
  '99999999999999999999Gi',
  '2020-01-01T00:00:00Z',
  'x'.repeat(300),
  [],
  {},
  [null],
  { a: null },
];

/** A value of random shape, using the keys given more often than not. */
export function anyValue(random: () => number, keys: readonly string[], depth = 4): unknown {
  const choice = random();
  if (depth === 0 || choice < 0.5) return pick(random, NASTY);
  const length = Math.floor(random() * 4);
  if (choice < 0.65) return Array.from({ length }, () => anyValue(random, keys, depth - 1));
  return Object.fromEntries(
    Array.from({ length }, () => [
      pick(random, [...keys, '__proto__', 'toString', '$patch', '$retainKeys', '$setElementOrder/ports']),
      anyValue(random, keys, depth - 1),
    ]),
  );
}

/** A copy of a value with a few places replaced, removed or doubled. */
export function mutate(random: () => number, value: unknown, keys: readonly string[], rate = 0.08): unknown {
  if (random() < rate) return anyValue(random, keys, 2);
  if (Array.isArray(value)) {
    const items = value.map((item) => mutate(random, item, keys, rate));
    return random() < rate ? [...items, ...items] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(() => random() >= rate / 2);
  return Object.fromEntries(entries.map(([key, item]) => [key, mutate(random, item, keys, rate)]));
}
