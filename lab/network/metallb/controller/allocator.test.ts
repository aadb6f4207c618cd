import { describe, expect, it } from 'vitest';
import { pick, seeded, seeds } from '../../../testing/index.ts';
import { type IPAddressPool, poolOf, readPools } from '../pools.ts';
import { Allocator, type Tenant } from './allocator.ts';

const pools = (entries: Record<string, string[]>) =>
  readPools(
    Object.entries(entries).map(
      ([name, addresses]): IPAddressPool => ({ metadata: { name }, spec: { addresses } }),
    ),
    undefined,
  ).pools;
const tenant = (key: string, more: Partial<Tenant> = {}): Tenant => ({
  key,
  ports: ['TCP/80'],
  sharingKey: '',
  backendKey: '',
  ...more,
});

function allocator(entries: Record<string, string[]> = { p: ['10.1.110.104/31'] }): Allocator {
  const made = new Allocator();
  made.setPools(pools(entries));
  return made;
}

describe('allocator', () => {
  it('gives addresses in order until there is none', () => {
    const a = allocator();
    expect(a.allocate(tenant('d/a'), a.pools).ip).toBe('10.1.110.104');
    expect(a.allocate(tenant('d/b'), a.pools).ip).toBe('10.1.110.105');
    expect(() => a.allocate(tenant('d/c'), a.pools)).toThrow('no available IPs');
    expect(() => a.allocateFrom(tenant('d/c'), 'p')).toThrow('no available IPs in pool "p"');
    expect(() => a.allocateFrom(tenant('d/c'), 'q')).toThrow('unknown pool "q"');
    expect(a.release('d/a')).toBe(true);
    expect(a.allocate(tenant('d/c'), a.pools)).toMatchObject({ ip: '10.1.110.104', pool: 'p' });
  });

  it.each<[string, Partial<Tenant>, Partial<Tenant>, boolean]>([
    ['same key, other port', { sharingKey: 'k' }, { sharingKey: 'k', ports: ['TCP/443'] }, true],
    ['same key, other protocol', { sharingKey: 'k' }, { sharingKey: 'k', ports: ['UDP/80'] }, true],
    ['same key, same port', { sharingKey: 'k' }, { sharingKey: 'k' }, false],
    ['other key', { sharingKey: 'k' }, { sharingKey: 'l', ports: ['TCP/443'] }, false],
    ['no key', {}, { ports: ['TCP/443'] }, false],
    [
      'other pods under Local',
      { sharingKey: 'k', backendKey: 'a=1' },
      { sharingKey: 'k', backendKey: 'a=2', ports: ['TCP/1'] },
      false,
    ],
    [
      'same pods under Local',
      { sharingKey: 'k', backendKey: 'a=1' },
      { sharingKey: 'k', backendKey: 'a=1', ports: ['TCP/1'] },
      true,
    ],
  ])('sharing: %s', (_, first, second, shared) => {
    const a = allocator({ p: ['10.1.110.104/32'] });
    a.assign(tenant('d/a', first), '10.1.110.104');
    const attempt = () => a.assign(tenant('d/b', second), '10.1.110.104');
    if (shared) expect(attempt().ip).toBe('10.1.110.104');
    else expect(attempt).toThrow(/address also in use by d\/a|port TCP\/80 is already in use/);
    expect(a.inUse('p')).toBe(1);
  });

  it.each(seeds(5, 100))('random calls, seed %i: no address has two tenants that do not share', (seed) => {
    const rng = seeded(seed);
    const layouts = [
      { p: ['10.0.0.0/30'], q: ['10.0.1.4-10.0.1.6'] },
      { p: ['10.0.0.2/31'] },
      { q: ['10.0.1.4-10.0.1.9'], r: ['10.0.2.0/32'] },
    ];
    const a = allocator(layouts[0]);
    const tenants = new Map<string, Tenant>();
    for (let step = 0; step < 400; step++) {
      const one = tenant(`d/${Math.floor(rng() * 12)}`, {
        ports: [pick(rng, ['TCP/80', 'TCP/443', 'UDP/53'])],
        sharingKey: pick(rng, ['', 'k', 'l']),
        backendKey: pick(rng, ['', '', 'a=1']),
      });
      const before = a.get(one.key);
      try {
        const kind = Math.floor(rng() * 5);
        if (kind === 0) a.allocate(one, a.pools);
        if (kind === 1) a.allocateFrom(one, pick(rng, ['p', 'q', 'r']));
        if (kind === 2) a.assign(one, `10.0.${Math.floor(rng() * 3)}.${Math.floor(rng() * 12)}`);
        if (kind === 3) a.release(one.key);
        if (kind === 4) {
          a.setPools(pools(pick(rng, layouts)));
          // What the controller does: whatever is in no pool any more is taken back.
          for (const key of [...tenants.keys()]) {
            const held = a.get(key);
            if (held && poolOf(a.pools, held.ip)?.name !== held.pool) a.release(key);
          }
        }
        if (kind < 3) tenants.set(one.key, one);
      } catch {
        expect(a.get(one.key)).toEqual(before);
      }
      const held = [...tenants.values()].filter(({ key }) => a.get(key));
      for (const x of held) {
        const ip = a.get(x.key)?.ip ?? '';
        expect(poolOf(a.pools, ip)?.name).toBe(a.get(x.key)?.pool);
        for (const y of held) {
          if (x.key >= y.key || a.get(y.key)?.ip !== ip) continue;
          expect(x.sharingKey).not.toBe('');
          expect([y.sharingKey, y.backendKey]).toEqual([x.sharingKey, x.backendKey]);
          expect(x.ports.some((port) => y.ports.includes(port))).toBe(false);
        }
      }
    }
  });
});
