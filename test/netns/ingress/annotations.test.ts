import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { CONFIG_MAPS, INGRESSES, NAMESPACES, SECRETS } from '../../../lab/api/client/index.ts';
import type { ConfigMap } from '../../../lab/api/objects/index.ts';
import type { Ingress, Secret } from '../../../lab/network/ingress/objects.ts';
import { annotations, HOSTS, ingress, to } from './objects.ts';
import { type Fetched, IngressWorld, UNTIL } from './world.ts';

let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.service('one', HOSTS);
  await world.service('two', ['192.168.2.1']);
  await world.client.create(NAMESPACES, { metadata: { name: 'iks' } }).catch(() => {});
  await world.run('--watch-ingress-without-class=true', '--configmap=iks/config');
});

afterAll(async () => {
  await world?.close();
});

type Fetch = (url: string, options?: object) => Promise<Fetched>;

/** Until the test ends, however it does, there is an Ingress for a path of a host of its own. */
async function annotated(
  wanted: Readonly<Record<string, string>>,
  use: (fetch: Fetch) => Promise<void>,
  { name = 'annotated', path = to('one', '/t') } = {},
): Promise<void> {
  const host = `${name}.test`;
  onTestFinished(() => world.remove(name));
  await world.apply(ingress(name, [path], { host, annotations: wanted }));
  await world.live((conf) => conf.includes(`start server ${host}`));
  await use((url, options = {}) => world.fetch(url, { host, ...options }));
}

test('affinity: a cookie keeps the endpoint, until it has gone', async () => {
  await annotated({ affinity: 'cookie', 'session-cookie-name': 'route' }, async (fetch) => {
    const first = await fetch('/t');
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^route=[0-9a-f]{32}; Path=\/; HttpOnly$/);
    const { name } = JSON.parse(first.text);
    const headers = { cookie: cookie.split(';')[0] };
    for (let turn = 0; turn < 6; turn++) {
      const again = await fetch('/t', { headers });
      expect(again.headers['set-cookie']).toBeUndefined();
      expect(JSON.parse(again.text).name).toBe(name);
    }
    onTestFinished(() => world.endpoints('one', HOSTS));
    await world.endpoints(
      'one',
      HOSTS.filter((_, index) => `one-${index}` !== name),
    );
    await vi.waitFor(async () => {
      const other = await fetch('/t', { headers });
      expect(JSON.parse(other.text).name).not.toBe(name);
      expect(String(other.headers['set-cookie'])).toMatch(/^route=/);
    }, UNTIL);
  });
});

test('canary by header and cookie, and by weight without a reload', async () => {
  await annotated(
    {},
    async (fetch) => {
      const host = 'main.test';
      const wanted = { canary: 'true', 'canary-by-header': 'X-Canary', 'canary-by-cookie': 'tryit' };
      onTestFinished(() => world.remove('canary'));
      await world.apply(ingress('canary', [to('two', '/t')], { host, annotations: wanted }));
      const { reloads } = await world.live((conf) => conf.includes('default-two-80'));
      const name = async (headers = {}) =>
        JSON.parse((await fetch('/t', { headers })).text).name.split('-')[0];
      expect(await name()).toBe('one');
      expect(await name({ 'x-canary': 'always' })).toBe('two');
      expect(await name({ 'x-canary': 'never', cookie: 'tryit=always' })).toBe('one');
      expect(await name({ cookie: 'tryit=always' })).toBe('two');
      const found = await world.client.get<Ingress>(INGRESSES, 'canary', 'default');
      const metadata = {
        ...found.metadata,
        annotations: annotations({ canary: 'true', 'canary-weight': '30' }),
      };
      await world.client.update(INGRESSES, { ...found, metadata });
      await vi.waitFor(async () => expect(await name({ 'x-canary': 'always' })).toBe('one'), UNTIL);
      const counts = { one: 0, two: 0 };
      for (let turn = 0; turn < 400; turn++) counts[(await name()) as 'one' | 'two']++;
      expect(counts.two).toBeGreaterThan(70);
      expect(counts.two).toBeLessThan(180);
      expect((await world.live()).reloads).toBe(reloads);
    },
    { name: 'main' },
  );
});

test('limit-rps: what is more than the rate and its burst is 503', async () => {
  await annotated({ 'limit-rps': '1', 'limit-burst-multiplier': '2' }, async (fetch) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => fetch('/t')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 503)).toHaveLength(9);
  });
});

test('whitelist-source-range', async () => {
  await annotated({ 'whitelist-source-range': '127.0.0.8/29' }, async (fetch) => {
    expect((await fetch('/t', { from: '127.0.0.9' })).status).toBe(200);
    expect((await fetch('/t')).status).toBe(403);
  });
});

test('enable-cors', async () => {
  await annotated({ 'enable-cors': 'true', 'cors-allow-origin': 'https://*.a.com' }, async (fetch) => {
    const headers = { origin: 'https://x.a.com' };
    const preflight = await fetch('/t', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('https://x.a.com');
    const plain = await fetch('/t', { headers });
    expect(plain.status).toBe(200);
    expect(plain.headers['access-control-allow-origin']).toBe('https://x.a.com');
    const evil = await fetch('/t', { headers: { origin: 'https://a.com.evil' } });
    expect(evil.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

test('proxy-body-size and upstream-vhost', async () => {
  await annotated({ 'proxy-body-size': '1k', 'upstream-vhost': 'inner.example' }, async (fetch) => {
    expect((await fetch('/t', { method: 'POST', body: 'x'.repeat(2000) })).status).toBe(413);
    expect(JSON.parse((await fetch('/t', { method: 'POST', body: 'x' })).text)).toMatchObject({
      body: 1,
      headers: { host: 'inner.example' },
    });
  });
});

test('app-root', async () => {
  const path = to('one', '/');
  const location = 'http://annotated.test/app';
  await annotated(
    { 'app-root': '/app' },
    async (fetch) => {
      expect(await fetch('/')).toMatchObject({ status: 302, headers: { location } });
      expect((await fetch('/app')).status).toBe(200);
    },
    { path },
  );
});

test.each([
  [{ 'permanent-redirect': 'https://elsewhere.test/' }, 301, 'https://elsewhere.test/'],
  [
    { 'permanent-redirect': 'https://elsewhere.test/', 'permanent-redirect-code': '308' },
    308,
    'https://elsewhere.test/',
  ],
  [{ 'force-ssl-redirect': 'true' }, 308, 'https://annotated.test/t'],
])('%j answers %i %s', async (wanted, status, location) => {
  await annotated(wanted as Record<string, string>, async (fetch) => {
    expect(await fetch('/t')).toMatchObject({ status, headers: { location } });
  });
});

test('what is unknown or refused is an event, the rest works', async () => {
  const wanted = {
    'configuration-snippet': 'return 418;',
    'proxy-read-timeout': '10 }',
    'no-such-thing': 'x',
  };
  await annotated(wanted, async (fetch) => {
    expect((await fetch('/t')).status).toBe(200);
    await vi.waitFor(async () => {
      const events = (await world.eventsOf('annotated')).join('\n');
      expect(events).toMatch(/InvalidAnnotation .*configuration-snippet.*--allow-snippet-annotations/);
      expect(events).toMatch(/InvalidAnnotation .*proxy-read-timeout/);
      expect(events).toMatch(/UnknownAnnotation .*no-such-thing/);
    }, UNTIL);
  });
});

test('snippets, of a location and of its server, when they are allowed', async () => {
  const wanted = {
    'configuration-snippet': 'add_header X-Snippet "a b";',
    'server-snippet': 'location = /teapot { return 418 "short and stout"; }',
  };
  const data = { 'allow-snippet-annotations': 'true' };
  const metadata = { name: 'config', namespace: 'iks' };
  onTestFinished(async () => void (await world.client.delete(CONFIG_MAPS, 'config', 'iks')));
  await world.client.create<ConfigMap>(CONFIG_MAPS, { metadata, data });
  await annotated(wanted, async (fetch) => {
    await world.live((conf) => conf.includes('location = /teapot'));
    expect(await fetch('/t')).toMatchObject({ status: 200, headers: { 'x-snippet': 'a b' } });
    expect(await fetch('/teapot')).toMatchObject({ status: 418, text: 'short and stout' });
  });
});

test('auth-type basic: a password is asked for, and not handed on', async () => {
  const users = (line: string): Secret => ({
    metadata: { name: 'users', namespace: 'default' },
    type: 'Opaque',
    data: { auth: Buffer.from(`${line}\n`).toString('base64') },
  });
  const as = (name: string, password: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
  });
  const wanted = { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Who are "you"; $host' };
  await annotated(wanted, async (fetch) => {
    onTestFinished(async () => void (await world.client.delete(SECRETS, 'users', 'default')));
    // Nobody can know the password yet.
    expect((await fetch('/t', as('ann', 'secret'))).status).toBe(503);
    const made = await world.client.create<Secret>(SECRETS, users('ann:{PLAIN}secret'));
    await world.live((conf) => conf.includes('/default-users-'));
    const asked = await fetch('/t');
    expect(asked.status).toBe(401);
    expect(asked.headers['www-authenticate']).toContain('Who are "you"; $host');
    expect((await fetch('/t', as('ann', 'other'))).status).toBe(401);
    const { status, text } = await fetch('/t', as('ann', 'secret'));
    expect(status).toBe(200);
    expect(JSON.parse(text).headers).not.toHaveProperty('authorization');
    expect(JSON.parse(text).headers).toMatchObject({ host: 'annotated.test', 'x-forwarded-proto': 'http' });
    const file = /[\w/-]+\.htpasswd/.exec(await world.conf())?.[0] ?? '';
    expect(await world.sh(`stat -c '%a %U %G' ${file}`)).toBe('640 root www-data\n');
    await world.client.update<Secret>(SECRETS, { ...made, data: users('ann:{PLAIN}other').data ?? {} });
    await world.live((conf) => !conf.includes(file));
    expect((await fetch('/t', as('ann', 'secret'))).status).toBe(401);
    expect((await fetch('/t', as('ann', 'other'))).status).toBe(200);
  });
});
