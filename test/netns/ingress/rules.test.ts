import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import { INGRESSES, NAMESPACES, SERVICES } from '../../../lab/api/client/index.ts';
import type { ApiObject } from '../../../lab/api/objects/index.ts';
import type { Ingress } from '../../../lab/network/ingress/objects.ts';
import { HOSTS, ingress, to } from './objects.ts';
import { IngressWorld, UNTIL } from './world.ts';

let world: IngressWorld;
const PUBLISH = 'essential-nginx-ingress-ingress-nginx-controller';

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.client.create(NAMESPACES, { metadata: { name: 'iks' } }).catch(() => {});
  await world.client.create(SERVICES, {
    metadata: { name: PUBLISH, namespace: 'iks' },
    spec: { type: 'LoadBalancer', ports: [{ name: 'http', port: 80 }] },
  } as ApiObject);
  await world.service('one', HOSTS);
  await world.service('two', ['192.168.2.1']);
  await world.service('none', []);
  await world.run('--watch-ingress-without-class=true', `--publish-service=iks/${PUBLISH}`);
});

afterAll(async () => {
  await world?.close();
});

test('without an Ingress all is 404, and /healthz is 200', async () => {
  expect(await world.fetch('/anything')).toMatchObject({ status: 404, text: 'default backend - 404' });
  expect((await world.fetch('/healthz')).status).toBe(200);
});

test('an applied Ingress is in nginx.conf and live', async () => {
  // That of an earlier try.
  await world.remove('applications');
  await world.apply(ingress('applications', [to('one', '/wordpress'), to('none', '/none')]));
  const started = performance.now();
  await vi.waitFor(async () => expect((await world.fetch('/wordpress')).status).toBe(200), UNTIL);
  process.stderr.write(`live after ${Math.round(performance.now() - started)} ms\n`);
  expect(await world.conf()).toMatch(
    /location \/wordpress\/ \{\n\s+set \$namespace +"default";\n\s+set \$ingress_name +"applications";/,
  );
  await world.live();
  expect((await world.fetch('/wordpressx')).status).toBe(404);
  expect((await world.fetch('/none/x')).status).toBe(503);
  await vi.waitFor(
    async () => expect(await world.eventsOf('applications')).toContain('Normal Sync Scheduled for sync'),
    UNTIL,
  );
});

test('requests go round the endpoints and tell who asked', async () => {
  const names = new Set<string>();
  for (let turn = 0; turn < 10; turn++) names.add((await world.echo('/wordpress/')).name);
  expect([...names].sort()).toEqual(HOSTS.map((_, index) => `one-${index}`));
  const { url, headers } = await world.echo('/wordpress/a?b=c', {
    host: 'example.com',
    headers: { 'X-Forwarded-For': '1.2.3.4', Proxy: 'http://evil' },
  });
  expect(url).toBe('/wordpress/a?b=c');
  expect(headers).toMatchObject({
    host: 'example.com',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '127.0.0.1',
    'x-original-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'example.com',
    'x-forwarded-port': '80',
    'x-forwarded-proto': 'http',
    'x-forwarded-scheme': 'http',
    'x-scheme': 'http',
  });
  expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(headers).not.toHaveProperty('proxy');
  expect(headers).not.toHaveProperty('connection', 'close');
  await vi.waitFor(
    () =>
      expect(world.log).toMatch(
        /"GET \/wordpress\/a\?b=c HTTP\/1.1" 200 .* \[default-one-80\] \[\] 192\.168\.1\.\d:9000 /,
      ),
    UNTIL,
  );
});

test('a connection can be upgraded', async () => {
  expect(await world.ask('upgrade', { path: '/wordpress/ws', say: 'hello' })).toEqual({ said: 'hello' });
});

test('the second Ingress for a path is told so', async () => {
  onTestFailed(() => world.remove('younger'));
  await world.apply(ingress('younger', [to('two', '/wordpress'), to('two', '/younger')]));
  await world.live((conf) => conf.includes('"younger"'));
  expect((await world.echo('/younger')).name).toBe('two-0');
  expect((await world.echo('/wordpress')).name).toMatch(/^one-/);
  await vi.waitFor(
    async () =>
      expect((await world.eventsOf('younger')).join('\n')).toMatch(
        /Warning PathConflict path "\*\/wordpress" is already served by Ingress default\/applications/,
      ),
    UNTIL,
  );
  await world.remove('younger');
  expect((await world.fetch('/younger')).status).toBe(404);
});

test('status.loadBalancer follows the service', async () => {
  const service = await world.client.get<ApiObject>(SERVICES, PUBLISH, 'iks');
  await world.client.updateStatus(SERVICES, {
    ...service,
    status: { loadBalancer: { ingress: [{ ip: '10.1.110.105' }] } },
  } as ApiObject);
  await vi.waitFor(
    async () => {
      const { status } = await world.client.get<Ingress>(INGRESSES, 'applications', 'default');
      expect(status?.loadBalancer?.ingress).toEqual([{ ip: '10.1.110.105' }]);
    },
    { timeout: 15_000, interval: 50 },
  );
});

test('hosts: exact, one label of a wildcard, and neither', async () => {
  onTestFailed(() => world.remove('exact', 'wildcard'));
  await world.apply(
    ingress('exact', [to('one', '/')], { host: 'foo.bar.com' }),
    ingress('wildcard', [to('two', '/')], { host: '*.bar.com' }),
  );
  await world.live((conf) => conf.includes('"exact"') && conf.includes('"wildcard"'));
  expect((await world.echo('/', { host: 'foo.bar.com' })).name).toMatch(/^one/);
  expect((await world.echo('/', { host: 'x.bar.com' })).name).toBe('two-0');
  expect((await world.fetch('/', { host: 'a.x.bar.com' })).status).toBe(404);
  expect((await world.fetch('/', { host: 'bar.com' })).status).toBe(404);
  await world.remove('exact', 'wildcard');
});
