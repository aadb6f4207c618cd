import { describe, expect, it } from 'vitest';
import { parseIPv4, parseRange } from './ipv4.ts';
import { addressesOf, type IPAddressPool, poolOf, poolSize, readPools } from './pools.ts';

/** Figure 32. */
const FIGURE_32 = `address-pools:
- addresses:
  - 10.1.110.104/32
  name: reserved-pool
  protocol: layer2
- addresses:
  - 10.1.110.105/32
  - 10.1.110.106/32
  name: auto-assign-pool
  protocol: layer2
`;
const configMap = (config: string) => ({
  metadata: { name: 'essential-metallb', namespace: 'iks' },
  data: { config },
});
const resource = (name: string, spec: IPAddressPool['spec']): IPAddressPool => ({
  metadata: { name },
  ...(spec ? { spec } : {}),
});

describe('addresses', () => {
  it.each([
    ['10.1.110.104/32', 1],
    ['10.1.110.105-10.1.110.106', 2],
    ['10.1.110.105 - 10.1.110.106', 2],
    ['10.1.110.7/24', 256],
    ['0.0.0.0/0', 2 ** 32],
  ])('%s', (text, size) => {
    const range = parseRange(text);
    expect(range && range.last - range.first + 1).toBe(size);
  });
  it.each([
    '10.1.110.104',
    '10.1.110.106-10.1.110.105',
    '10.1.110.1/33',
    '10.1.110.1-2-3',
    'x/8',
    '10.1.110/24',
    '',
    '1.2.3.4.5/8',
  ])('refuses %j', (text) => expect(parseRange(text)).toBeUndefined());
  it.each(['256.1.1.1', '01.1.1.1', '1.1.1', '1.1.1.1.', '1.1.1.1 ', '::1'])('%j is no address', (text) =>
    expect(parseIPv4(text)).toBeUndefined(),
  );
});

describe('pools', () => {
  it('reads Figure 32', () => {
    const { pools, problems } = readPools([], configMap(FIGURE_32));
    expect(problems).toEqual([]);
    expect(pools.map(({ name, autoAssign, legacy }) => [name, autoAssign, legacy])).toEqual([
      ['reserved-pool', true, true],
      ['auto-assign-pool', true, true],
    ]);
    expect(poolOf(pools, '10.1.110.104')?.name).toBe('reserved-pool');
    expect(poolOf(pools, '10.1.110.107')).toBeUndefined();
  });

  it('joins both kinds, in the order in which they are used', () => {
    const { pools } = readPools(
      [resource('crd', { addresses: ['10.2.0.0/30'], autoAssign: false })],
      configMap(FIGURE_32),
    );
    expect(pools.map(({ name }) => name)).toEqual(['crd', 'reserved-pool', 'auto-assign-pool']);
  });

  it.each<[string, IPAddressPool[], string]>([
    ['a bare address', [resource('p', { addresses: ['10.0.0.1'] })], 'invalid CIDR "10.0.0.1" in pool "p"'],
    ['no addresses', [resource('p', {})], 'pool "p" has no prefixes defined'],
    ['nothing at all', [resource('p', undefined)], 'pool "p" has no prefixes defined'],
    [
      'an overlap',
      [resource('a', { addresses: ['10.0.0.0/24'] }), resource('b', { addresses: ['10.0.0.9/32'] })],
      'pool "b" overlaps with pool "a"',
    ],
  ])('tells of %s and goes on with the others', (_, resources, problem) => {
    const { pools, problems } = readPools(
      [...resources, resource('z', { addresses: ['10.9.0.0/32'] })],
      undefined,
    );
    expect(problems).toEqual([problem]);
    expect(pools.map(({ name }) => name)).toContain('z');
  });

  it.each([
    'a: [',
    '- x',
    'address-pools: 5',
    'address-pools: [1, null]',
    'address-pools: [{name: p, protocol: bgp, addresses: [1.1.1.1/32]}]',
  ])('survives the configuration %j', (config) => expect(readPools([], configMap(config)).pools).toEqual([]));

  it('avoids .0 and .255 when told to', () => {
    const { pools } = readPools(
      [resource('p', { addresses: ['10.0.0.254-10.0.2.0'], avoidBuggyIPs: true })],
      undefined,
    );
    const [pool] = pools;
    if (!pool) throw new Error('no pool');
    const all = [...addressesOf(pool)];
    expect(all).toHaveLength(1 + 254);
    expect(poolSize(pool)).toBe(all.length);
    expect(poolOf(pools, '10.0.1.0')).toBeUndefined();
  });
});
