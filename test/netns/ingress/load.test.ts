import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { INGRESSES } from '../../../lab/api/client/index.ts';
import { HOSTS, ingress, to } from './objects.ts';
import { IngressWorld } from './world.ts';

const REQUESTS = 10_000;
const CHANGES = 50;
/** A second. A machine that is slow is asked more slowly (inside.js). */
const RATE = 1_000;

interface Load {
  readonly seen: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly seconds: number;
}

let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.service('one', HOSTS);
  await world.service('two', ['192.168.2.1']);
  await world.run('--watch-ingress-without-class=true');
  await world.apply(ingress('applications', [to('one', '/wordpress')]));
  await world.live((conf) => conf.includes('"applications"'));
});

afterAll(async () => {
  await world?.close();
});

const load = (keepAlive: boolean) =>
  world.ask<Load>('load', { path: '/wordpress/x', count: REQUESTS, rate: RATE, keepAlive });

test.each([
  ['a connection for each request', false],
  ['connections that are kept', true],
])('10,000 requests through 50 endpoint changes: none fails (%s)', async (_, keepAlive) => {
  const { reloads } = await world.live();
  const asked = load(keepAlive);
  // Another try finds the endpoints as this one did, and no requests under way.
  onTestFailed(async () => {
    await asked;
    for (const [index, host] of HOSTS.entries()) {
      await world.closeEndpoint(host).catch(() => {});
      await world.listen(host, `one-${index}`);
    }
    await world.endpoints('one', HOSTS);
  });
  for (let change = 0; change < CHANGES; change++) {
    await world.ask('sent', { count: (REQUESTS / CHANGES) * change });
    const gone = change % HOSTS.length;
    const host = HOSTS[gone] ?? '';
    // A pod that ends is taken from the list and closes its port at the same time, whichever comes first here.
    await Promise.all([
      world.endpoints(
        'one',
        HOSTS.filter((one) => one !== host),
      ),
      world.closeEndpoint(host),
    ]);
    await world.listen(host, `one-${gone}`);
  }
  const { seen, failures, seconds } = await asked;
  expect(failures).toEqual({});
  expect(Object.keys(seen).sort()).toEqual(HOSTS.map((_, index) => `one-${index}`));
  expect((await world.live()).reloads).toBe(reloads);
  process.stderr.write(`10,000 requests in ${seconds.toFixed(1)} s, ${JSON.stringify(seen)}\n`);
  await world.endpoints('one', HOSTS);
});

test('10,000 requests through reloads: none fails', async () => {
  const before = await world.live();
  const asked = load(false);
  let isOver = false;
  void asked.then(() => {
    isOver = true;
  });
  let name = '';
  // What another try would make again, and with no requests under way.
  onTestFailed(async () => {
    await asked;
    await world.client.delete(INGRESSES, name, 'default').catch(() => {});
  });
  for (let turn = 0; !isOver; turn++) {
    name = `reload-${turn}`;
    await world.apply(ingress(name, [to('two', '/')], { host: `${name}.test` }));
    await world.live((conf) => conf.includes(`start server ${name}.test`));
    expect((await world.fetch('/', { host: `${name}.test` })).status).toBe(200);
    await world.remove(name);
  }
  const { failures, seconds } = await asked;
  expect(failures).toEqual({});
  const reloads = (await world.live()).reloads - before.reloads;
  expect(reloads).toBeGreaterThan(10);
  process.stderr.write(`10,000 requests in ${seconds.toFixed(1)} s, ${reloads} reloads\n`);
});
