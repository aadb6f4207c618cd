import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../api/client/index.ts';
import {
  addressRecord,
  cnameRecord,
  type Message,
  type Question,
  RCODE,
  type ResourceRecord,
  recordText,
  soaRecord,
  TYPE,
} from '../wire/index.ts';
import { type CacheOptions, cache } from './cache.ts';
import { type ForwardOptions, forward } from './forward.ts';
import { hosts, parseHosts } from './hosts.ts';
import { loadbalance } from './loadbalance.ts';
import { type Asker, nobody, type Reply, type Resolver, reply } from './resolver.ts';
import { rewrite, rewritten } from './rewrite.ts';

const ASKER: Asker = {
  recursionDesired: true,
  checkingDisabled: false,
  dnssecOk: false,
  server: 'dns://:53',
};
const question = (name: string, type: keyof typeof TYPE = 'A'): Question => ({
  name,
  type: TYPE[type],
  class: 1,
});
const texts = ({ answers }: Reply) => answers.map(recordText);

const soa = (ttl: number, minimum: number) =>
  soaRecord('example.com.', ttl, {
    primary: 'ns.',
    mailbox: 'm.',
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum,
  });

describe('cache', () => {
  const OPTIONS: CacheOptions = {
    zones: ['.'],
    success: { capacity: 3, ttl: 30 },
    denial: { capacity: 3, ttl: 20 },
    disabled: { success: ['live.example.'], denial: [] },
  };

  function cached(answers: (question: Question) => Partial<Reply>, options = OPTIONS) {
    const clock = new ManualClock();
    const asked: string[] = [];
    const next: Resolver = (asking) => {
      asked.push(asking.name);
      return reply({ rcode: RCODE.NOERROR, cacheable: true, ...answers(asking) });
    };
    const resolve = cache(options, next, clock);
    const ask = async (name: string, more: Partial<Asker> = {}) =>
      await resolve(question(name), { ...ASKER, ...more });
    return { clock, asked, ask };
  }

  const withTtl = (ttl: number) =>
    cached(({ name }) => ({ answers: [addressRecord(name, ttl, '10.0.0.1')] }));

  test('answers from memory, with what is left of the TTL, until it is over', async () => {
    const { clock, asked, ask } = withTtl(10);
    expect(texts(await ask('a.'))).toEqual(['a. 10 IN A 10.0.0.1']);
    clock.advance(4_500);
    expect(texts(await ask('A.'))).toEqual(['a. 6 IN A 10.0.0.1']);
    clock.advance(5_499);
    expect(texts(await ask('a.'))).toEqual(['a. 1 IN A 10.0.0.1']);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await ask('a.');
    expect(asked).toHaveLength(2);
  });

  test('keeps nothing longer than it is told, and says so', async () => {
    const { clock, asked, ask } = withTtl(3600);
    await ask('a.');
    clock.advance(29_000);
    expect(texts(await ask('a.'))).toEqual(['a. 1 IN A 10.0.0.1']);
    clock.advance(1_000);
    await ask('a.');
    expect(asked).toHaveLength(2);
  });

  test('makes room by forgetting the oldest', async () => {
    const { asked, ask } = withTtl(10);
    for (const name of ['a.', 'b.', 'c.', 'd.']) await ask(name);
    for (const name of ['d.', 'c.', 'b.']) await ask(name);
    expect(asked).toHaveLength(4);
    await ask('a.');
    expect(asked).toHaveLength(5);
  });

  test.each<[string, Partial<Reply>, number]>([
    ['no such name, by its SOA', { rcode: RCODE.NXDOMAIN, authority: [soa(300, 7)] }, 7],
    ['no such record, by the TTL of its SOA', { authority: [soa(5, 300)] }, 5],
    ['no such name, at most as configured', { rcode: RCODE.NXDOMAIN, authority: [soa(900, 900)] }, 20],
    ['no such name without an SOA', { rcode: RCODE.NXDOMAIN }, 0],
    ['a TTL of 0', { answers: [addressRecord('a.', 0, '10.0.0.1')] }, 0],
    ['a failure', { rcode: RCODE.SERVFAIL }, 0],
    ['what is not to be remembered', { answers: [addressRecord('a.', 9, '10.0.0.1')], cacheable: false }, 0],
  ])('%s', async (_, answer, seconds) => {
    const { clock, asked, ask } = cached(() => answer);
    await ask('a.');
    clock.advance(Math.max(0, seconds * 1000 - 1));
    await ask('a.');
    expect(asked).toHaveLength(seconds === 0 ? 2 : 1);
    clock.advance(1);
    await ask('a.');
    expect(asked).toHaveLength(seconds === 0 ? 3 : 2);
  });

  test('signed answers and disabled zones are kept apart', async () => {
    const { asked, ask } = withTtl(10);
    await ask('a.');
    await ask('a.', { dnssecOk: true });
    await ask('x.live.example.');
    await ask('x.live.example.');
    expect(asked).toEqual(['a.', 'a.', 'x.live.example.', 'x.live.example.']);
  });
});

describe('forward', () => {
  const OPTIONS: ForwardOptions = {
    from: '.',
    to: [],
    except: ['cluster.local.'],
    maxConcurrent: 2,
    policy: 'sequential',
    forceTcp: false,
  };
  const servers = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, port: 53 }));
  const answer = (asking: Question): Message => ({
    id: 1,
    response: true,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: true,
    authenticData: false,
    checkingDisabled: false,
    rcode: 0,
    questions: [asking],
    answers: [addressRecord(asking.name, 5, '203.0.113.10')],
    authority: [],
    additional: [],
  });

  function forwarding(options: Partial<ForwardOptions>, dead: readonly string[], random = () => 0) {
    const asked: string[] = [];
    const exchange = async ({ address }: { address: string }, asking: Question) => {
      asked.push(address);
      if (dead.includes(address)) throw new Error(`udp ${address}:53: i/o timeout`);
      return answer(asking);
    };
    const resolve = forward({ ...OPTIONS, ...options }, { upstreams: servers, exchange, random }, nobody);
    return { asked, ask: async (name: string) => await resolve(question(name), ASKER) };
  }

  test('asks the next server when one is silent', async () => {
    const { asked, ask } = forwarding({}, ['10.0.0.1']);
    expect(await ask('www.example.com.')).toMatchObject({
      rcode: 0,
      recursionAvailable: true,
      cacheable: true,
    });
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('fails with the last reason when all are silent', async () => {
    const { asked, ask } = forwarding({}, ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(await ask('www.example.com.')).toMatchObject({
      rcode: RCODE.SERVFAIL,
      error: 'udp 10.0.0.3:53: i/o timeout',
    });
    expect(asked).toHaveLength(3);
  });

  test('policies', async () => {
    const inTurn = forwarding({ policy: 'round_robin' }, []);
    for (let i = 0; i < 4; i++) await inTurn.ask('a.');
    expect(inTurn.asked).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1']);
    const byChance = forwarding({ policy: 'random' }, [], () => 0.99);
    await byChance.ask('a.');
    expect(byChance.asked).toEqual(['10.0.0.3']);
  });

  test('leaves excepted zones to the next plugin, and refuses too many at once', async () => {
    const { asked, ask } = forwarding({}, []);
    expect((await ask('x.cluster.local.')).error).toBe('no next plugin found');
    const all = await Promise.all(['a.', 'b.', 'c.'].map(ask));
    expect(all.map(({ rcode }) => rcode)).toEqual([0, 0, RCODE.REFUSED]);
    expect((await ask('d.')).rcode).toBe(0);
    expect(asked).toHaveLength(3);
  });

  test('without a server there is a failure', async () => {
    const exchange = () => Promise.reject(new Error('not asked'));
    const resolve = forward(OPTIONS, { upstreams: [], exchange }, nobody);
    expect(await resolve(question('a.'), ASKER)).toMatchObject({ rcode: RCODE.SERVFAIL });
  });
});

test('hosts answers both ways, and NODATA for the other family', async () => {
  const entries = parseHosts(
    '# lab\n10.1.0.254 router.lab.example router\nfd00::1\trouter.lab.example\nx y\n10.1.0.1\n',
  );
  const next: Resolver = () => reply({ rcode: RCODE.NXDOMAIN });
  const resolve = hosts({ entries, zones: ['.'], ttl: 60, fallthrough: ['example.com.'] }, next);
  const ask = async (name: string, type: keyof typeof TYPE) => await resolve(question(name, type), ASKER);
  expect(texts(await ask('Router.lab.example.', 'A'))).toEqual(['Router.lab.example. 60 IN A 10.1.0.254']);
  expect(texts(await ask('router.lab.example.', 'AAAA'))).toEqual(['router.lab.example. 60 IN AAAA fd00::1']);
  expect(await ask('router.', 'AAAA')).toMatchObject({ rcode: 0, answers: [] });
  expect(texts(await ask('254.0.1.10.in-addr.arpa.', 'PTR'))).toEqual([
    '254.0.1.10.in-addr.arpa. 60 IN PTR router.lab.example.',
    '254.0.1.10.in-addr.arpa. 60 IN PTR router.',
  ]);
  expect((await ask('other.example.com.', 'A')).rcode).toBe(RCODE.NXDOMAIN);
  expect((await ask('other.', 'A')).rcode).toBe(RCODE.SERVFAIL);
});

test('rewrite asks under another name and answers under the own', async () => {
  const rules = [
    { kind: 'exact' as const, from: 'old.example.', to: 'new.example.' },
    { kind: 'suffix' as const, from: 'test.', to: 'lab.example.' },
  ];
  expect(rewritten('a.b.Test.', rules)).toBe('a.b.lab.example.');
  expect(rewritten('mytest.', rules)).toBeUndefined();
  const next: Resolver = ({ name }) => reply({ rcode: 0, answers: [addressRecord(name, 5, '10.0.0.1')] });
  expect(texts(await rewrite(rules, next)(question('OLD.example.'), ASKER))).toEqual([
    'OLD.example. 5 IN A 10.0.0.1',
  ]);
});

describe('loadbalance', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
  const answering =
    (answers: readonly ResourceRecord[]): Resolver =>
    () =>
      reply({ rcode: 0, answers });

  test('every order of addresses comes up about as often', async () => {
    const resolve = loadbalance(answering(addresses.map((address) => addressRecord('a.', 5, address))));
    const counts = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = texts(await resolve(question('a.'), ASKER)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi-squared with 5 degrees of freedom: above 30 by chance once in 80,000 runs.
    const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(30);
  });

  test('CNAMEs stay in front, in order', async () => {
    const chain = [cnameRecord('a.', 5, 'b.'), cnameRecord('b.', 5, 'c.')];
    const resolve = loadbalance(
      answering([...chain, ...addresses.map((address) => addressRecord('c.', 5, address))]),
    );
    for (let round = 0; round < 20; round++) {
      const { answers } = await resolve(question('a.'), ASKER);
      expect(answers.slice(0, 2)).toEqual(chain);
      expect(answers).toHaveLength(5);
    }
  });
});
