import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { SERVICES } from '../../../lab/api/client/index.ts';
import type { Service } from '../../../lab/api/objects/index.ts';
import { ingress, to } from './objects.ts';
import { IngressWorld, UNTIL } from './world.ts';

const NAME_SERVER = '127.0.0.53';
/** Where nginx takes orders from the controller. */
const STATUS_PORT = 10_246;
let world: IngressWorld;

interface Name {
  readonly addresses?: readonly string[];
  /** Seconds. */
  readonly ttl?: number;
  readonly alias?: string;
  /** Of the answer, e.g. 2 for a server failure. */
  readonly code?: number;
  /** What follows the identifier, in hexadecimal. */
  readonly odd?: string;
}

/** A name that is null is never answered, one that is missing does not exist. */
const say = (wanted: Readonly<Record<string, Name | null>>) => world.tell('records', { wanted });
const questions = () => world.tell<Readonly<Record<string, number>>>('questions');

let asked = 0;
/** A name that no try has asked for yet: what nginx knows of one, it keeps. */
const unasked = (name: string) => `${name}${++asked}.test`;

async function external(name: string, externalName: string, targetPort = 9000): Promise<void> {
  // One that an earlier try made.
  await world.client.delete(SERVICES, name, 'default').catch(() => {});
  await world.client.create<Service>(SERVICES, {
    metadata: { name, namespace: 'default' },
    spec: { type: 'ExternalName', externalName, ports: [{ name: 'http', port: 80, targetPort }] },
  });
}

/** Until the test ends, however it does, `/x` leads to a service of that name. */
async function withPath(name: string, use: () => Promise<void>): Promise<void> {
  onTestFinished(() => world.remove(name));
  await world.apply(ingress(name, [to(name, '/x')]));
  await world.live((conf) => conf.includes(`"default-${name}-80"`));
  await use();
}

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.listen('192.168.3.1', 'first');
  await world.listen('192.168.3.2', 'second');
  await world.tell('nameServer', { address: NAME_SERVER });
  await world.sh(`echo 'nameserver ${NAME_SERVER}' >/etc/resolv.conf`);
  await world.run('--watch-ingress-without-class=true');
});

afterAll(async () => {
  await world?.close();
});

test('the name is looked up when it is asked for, and its answer kept for as long as it holds', async () => {
  const name = unasked('www');
  await say({ [name]: { addresses: ['192.168.3.1'], ttl: 60 } });
  await external('kept', name);
  await withPath('kept', async () => {
    expect((await questions())[name]).toBeUndefined();
    for (let turn = 0; turn < 10; turn++) {
      expect(await world.echo('/x', { host: 'a.test' })).toMatchObject({
        name: 'first',
        url: '/x',
        headers: { host: 'a.test' },
      });
    }
    // Each worker asks for itself.
    expect((await questions())[name]).toBeLessThanOrEqual(2);
  });
});

test('all addresses are used, and another answer when the first does not hold any more', async () => {
  const name = unasked('two');
  await say({ [name]: { addresses: ['192.168.3.1', '192.168.3.2'], ttl: 1 } });
  await external('two', name);
  await withPath('two', async () => {
    const names = new Set<string>();
    for (let turn = 0; turn < 6; turn++) names.add((await world.echo('/x')).name);
    expect([...names].sort()).toEqual(['first', 'second']);
    await say({ [name]: { alias: 'real.test', addresses: ['192.168.3.2'], ttl: 1 } });
    await vi.waitFor(async () => {
      for (let turn = 0; turn < 8; turn++) expect((await world.echo('/x')).name).toBe('second');
    }, UNTIL);
    // A name server that fails takes nothing away.
    await say({ [name]: { code: 2 } });
    const before = (await questions())[name] ?? 0;
    await vi.waitFor(async () => {
      expect((await world.echo('/x')).name).toBe('second');
      expect((await questions())[name]).toBeGreaterThan(before);
    }, UNTIL);
    expect((await world.echo('/x')).name).toBe('second');
    // One that says that there is no such name does.
    await say({});
    await vi.waitFor(async () => expect((await world.fetch('/x')).status).toBe(503), UNTIL);
  });
});

test('another name needs no reload', async () => {
  await say({
    'one.test': { addresses: ['192.168.3.1'], ttl: 60 },
    'other.test': { addresses: ['192.168.3.2'], ttl: 60 },
  });
  await external('renamed', 'one.test');
  await withPath('renamed', async () => {
    expect((await world.echo('/x')).name).toBe('first');
    const { reloads } = await world.live();
    const found = await world.client.get<Service>(SERVICES, 'renamed', 'default');
    await world.client.update(SERVICES, { ...found, spec: { ...found.spec, externalName: 'other.test' } });
    await vi.waitFor(async () => expect((await world.echo('/x')).name).toBe('second'), UNTIL);
    expect((await world.live()).reloads).toBe(reloads);
  });
});

test('nobody is 503, and nginx goes on', async () => {
  await say({
    'empty.test': { ttl: 60 },
    'failing.test': { code: 2 },
    'silent.test': null,
    'odd.test': { odd: '8180000100ff00000000' },
    'cut.test': { odd: '81' },
    'none.test': { odd: '' },
  });
  const names = ['empty', 'failing', 'silent', 'odd', 'cut', 'none', 'missing'];
  for (const name of names) await external(name, `${name}.test`);
  onTestFinished(() => world.remove(...names));
  await world.apply(...names.map((name) => ingress(name, [to(name, `/${name}`)])));
  await world.live((conf) => names.every((name) => conf.includes(`"default-${name}-80"`)));
  const statuses = names.map(async (name) => [name, (await world.fetch(`/${name}`)).status]);
  expect(await Promise.all(statuses)).toEqual(names.map((name) => [name, 503]));
  await world.remove(...names);
  expect((await world.fetch('/healthz')).status).toBe(200);
});

test('nobody gets to what nginx and the controller keep for themselves', async () => {
  await say({
    'evil.test': { addresses: ['127.0.0.1', '0.0.0.0', '127.0.0.2'], ttl: 60 },
    localhost: { addresses: ['127.0.0.1'], ttl: 60 },
  });
  const targets = { evil: 'evil.test', own: 'localhost', loop: '127.0.0.1' };
  for (const [name, target] of Object.entries(targets)) await external(name, target, STATUS_PORT);
  const hosts = Object.keys(targets);
  onTestFinished(() => world.remove(...hosts));
  await world.apply(
    ...hosts.map((name) => ingress(name, [to(name, '/configuration')], { host: `${name}.test` })),
  );
  await world.live((conf) => hosts.every((name) => conf.includes(`"default-${name}-80"`)));
  for (const name of hosts) {
    for (const method of ['GET', 'POST']) {
      const wanted = { method, host: `${name}.test`, body: 'backend\tx' };
      const { status } = await world.fetch('/configuration/backends', wanted);
      expect([name, method, status]).toEqual([name, method, 503]);
    }
  }
});
