import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EVENTS, INGRESSES, NAMESPACES, SECRETS, SERVICES } from '../../lab/api/client/index.ts';
import type { ApiObject, Event } from '../../lab/api/objects/index.ts';
import type { Ingress, IngressPath, Secret } from '../../lab/network/ingress/objects.ts';
import { selfSigned } from '../control-plane/support/certificate.ts';
import { IngressWorld } from './ingress-harness.ts';

let world: IngressWorld;
const PREFIX = 'nginx.ingress.kubernetes.io/';
const PUBLISH = 'essential-nginx-ingress-ingress-nginx-controller';
const UNTIL = { timeout: 30_000, interval: 10 };
const HOSTS = ['192.168.1.1', '192.168.1.2', '192.168.1.3', '192.168.1.4', '192.168.1.5'];

const to = (service: string, path: string, pathType = 'Prefix'): IngressPath => ({
  path,
  pathType,
  backend: { service: { name: service, port: { number: 80 } } },
});

interface Wanted {
  readonly host?: string;
  readonly annotations?: Record<string, string>;
  readonly tls?: NonNullable<Ingress['spec']>['tls'];
}

function ingress(name: string, paths: IngressPath[], { host, annotations = {}, tls }: Wanted = {}): Ingress {
  return {
    metadata: {
      name,
      namespace: 'default',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`${PREFIX}${key}`, value]),
      ),
    },
    spec: { rules: [{ ...(host ? { host } : {}), http: { paths } }], ...(tls ? { tls } : {}) },
  };
}

const apply = (object: Ingress) => world.client.create<Ingress>(INGRESSES, object);
const remove = (name: string) => world.client.delete(INGRESSES, name, 'default');

async function eventsOf(name: string): Promise<string[]> {
  const { items } = await world.client.list<Event>(EVENTS, { namespace: 'default' });
  return items
    .filter(({ involvedObject }) => involvedObject.kind === 'Ingress' && involvedObject.name === name)
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`);
}

/** Resolves when the file that lies there is what all workers serve: it is swapped in before they do. */
async function settled(): Promise<void> {
  await vi.waitFor(async () => {
    const checksum = /checksum: (\w+)/.exec(await world.conf())?.[1] ?? '';
    expect(world.log).toContain(`reloaded" checksum="${checksum}"`);
  }, UNTIL);
}

beforeAll(async () => {
  world = await IngressWorld.start();
  const object = (name: string): ApiObject => ({ metadata: { name } });
  await world.client.create(NAMESPACES, object('iks')).catch(() => {});
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

describe('rules', () => {
  test('without an Ingress all is 404, and /healthz is 200', async () => {
    expect(await world.fetch('/anything')).toMatchObject({ status: 404, text: 'default backend - 404' });
    expect((await world.fetch('/healthz')).status).toBe(200);
  });

  test('an applied Ingress is in nginx.conf and live', async () => {
    await apply(ingress('applications', [to('one', '/wordpress'), to('none', '/none')]));
    const started = performance.now();
    await vi.waitFor(async () => expect((await world.fetch('/wordpress')).status).toBe(200), UNTIL);
    process.stderr.write(`live after ${Math.round(performance.now() - started)} ms\n`);
    expect(await world.conf()).toMatch(
      /location \/wordpress\/ \{\n\s+set \$namespace +"default";\n\s+set \$ingress_name +"applications";/,
    );
    expect((await world.fetch('/wordpressx')).status).toBe(404);
    expect((await world.fetch('/none/x')).status).toBe(503);
    expect(await eventsOf('applications')).toContain('Normal Sync Scheduled for sync');
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
    expect(world.log).toMatch(
      /"GET \/wordpress\/a\?b=c HTTP\/1.1" 200 .* \[default-one-80\] \[\] 192\.168\.1\.\d:9000 /,
    );
  });

  test('a connection can be upgraded', async () => {
    expect(await world.command('upgrade', { path: '/wordpress/ws', say: 'hello' })).toEqual({
      said: 'hello',
    });
  });

  test('the second Ingress for a path is told so', async () => {
    await apply(ingress('younger', [to('two', '/wordpress'), to('two', '/younger')]));
    await vi.waitFor(async () => expect((await world.echo('/younger')).name).toBe('two-0'), UNTIL);
    expect((await world.echo('/wordpress')).name).toMatch(/^one-/);
    await vi.waitFor(
      async () =>
        expect((await eventsOf('younger')).join('\n')).toMatch(
          /Warning PathConflict path "\*\/wordpress" is already served by Ingress default\/applications/,
        ),
      UNTIL,
    );
    await remove('younger');
    await vi.waitFor(async () => expect((await world.fetch('/younger')).status).toBe(404), UNTIL);
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
    await apply(ingress('exact', [to('one', '/')], { host: 'foo.bar.com' }));
    await apply(ingress('wildcard', [to('two', '/')], { host: '*.bar.com' }));
    await vi.waitFor(
      async () => expect((await world.fetch('/', { host: 'x.bar.com' })).status).toBe(200),
      UNTIL,
    );
    await settled();
    expect((await world.echo('/', { host: 'foo.bar.com' })).name).toMatch(/^one/);
    expect((await world.echo('/', { host: 'x.bar.com' })).name).toBe('two-0');
    expect((await world.fetch('/', { host: 'a.x.bar.com' })).status).toBe(404);
    expect((await world.fetch('/', { host: 'bar.com' })).status).toBe(404);
    await remove('exact');
    await remove('wildcard');
  });
});

describe('TLS', () => {
  test('hosts without a certificate get the fake one', async () => {
    expect(await world.command('certificate', { name: 'nobody.com' })).toMatchObject({
      subject: { CN: 'Kubernetes Ingress Controller Fake Certificate', O: 'Acme Co' },
    });
  });

  test('a secret serves its host by SNI, and http is redirected', async () => {
    const { key, cert } = selfSigned();
    const data = Object.entries({ 'tls.crt': cert, 'tls.key': key }).map(([name, text]) => [
      name,
      Buffer.from(text).toString('base64'),
    ]);
    await world.client.create<Secret>(SECRETS, {
      metadata: { name: 'pair', namespace: 'default' },
      type: 'kubernetes.io/tls',
      data: Object.fromEntries(data),
    });
    const tls = [{ hosts: ['localhost'], secretName: 'pair' }];
    await apply(ingress('tls', [to('one', '/')], { host: 'localhost', tls }));
    await vi.waitFor(
      async () => expect((await world.fetch('/', { host: 'localhost' })).status).toBe(308),
      UNTIL,
    );
    const { headers } = await world.fetch('/a/b/?c=d', { host: 'localhost' });
    expect(headers.location).toBe('https://localhost/a/b/?c=d');
    const secure = await world.fetch('/x', { host: 'localhost', secure: true });
    expect(secure).toMatchObject({ status: 200, subject: 'hoplab-test' });
    expect(secure.headers['strict-transport-security']).toBe('max-age=15724800; includeSubDomains');
    expect(JSON.parse(secure.text).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    });
    await remove('tls');
  });
});

describe('annotations', () => {
  /** An Ingress for `/t` of a host of its own. */
  async function annotated(annotations: Record<string, string>, path = to('one', '/t'), name = 'annotated') {
    await apply(ingress(name, [path], { host: `${name}.test`, annotations }));
    const mark = `start server ${name}.test`;
    await vi.waitFor(async () => {
      expect(await world.conf()).toContain(mark);
      expect((await world.fetch('/', { host: `${name}.test` })).status).not.toBe(0);
    }, UNTIL);
    await settled();
    return (url: string, options: object = {}) => world.fetch(url, { host: `${name}.test`, ...options });
  }
  const done = async (name = 'annotated') => {
    await remove(name);
    await vi.waitFor(
      async () => expect(await world.conf()).not.toContain(`start server ${name}.test`),
      UNTIL,
    );
  };

  test.each([
    ['/guestbook(/|)(.*)', '/$2', '/guestbook', '/'],
    ['/guestbook(/|)(.*)', '/$2', '/guestbook/', '/'],
    ['/guestbook(/|)(.*)', '/$2', '/guestbook/controllers.js', '/controllers.js'],
    ['/guestbook(/|)(.*)', '/$2', '/guestbookX', '/X'],
    ['/guestbook(/)(.*)', '/$2', '/guestbook/controllers.js', '/controllers.js'],
    ['/guestbook(/)(.*)', '/$2', '/guestbook', undefined],
    ['/guestbook(/)(.*)', '/$1', '/guestbook/anything', '//'],
    ['/something(/|$)(.*)', '/$2', '/something/new?a=b', '/new?a=b'],
    ['/something(/|$)(.*)', '/$2', '/somethingelse', undefined],
    ['/guestbook', '/', '/guestbook/controllers.js', '/'],
    ['/', '/jenkins', '/x', '/jenkins'],
  ])('rewrite: %s to %s takes %s to %s', async (path, target, request, upstream) => {
    const fetch = await annotated({ 'rewrite-target': target }, to('one', path));
    const { status, text } = await fetch(request);
    expect(status === 200 ? JSON.parse(text).url : undefined).toBe(upstream);
    await done();
  });

  test('affinity: a cookie keeps the endpoint, until it has gone', async () => {
    const fetch = await annotated({ affinity: 'cookie', 'session-cookie-name': 'route' });
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
    await world.endpoints(
      'one',
      HOSTS.filter((_, index) => `one-${index}` !== name),
    );
    await vi.waitFor(async () => {
      const other = await fetch('/t', { headers });
      expect(JSON.parse(other.text).name).not.toBe(name);
      expect(String(other.headers['set-cookie'])).toMatch(/^route=/);
    }, UNTIL);
    await world.endpoints('one', HOSTS);
    await done();
  });

  test('canary by header and cookie, and by weight without a reload', async () => {
    const fetch = await annotated({}, to('one', '/t'), 'main');
    const canary = (annotations: Record<string, string>) =>
      ingress('canary', [to('two', '/t')], {
        host: 'main.test',
        annotations: { canary: 'true', ...annotations },
      });
    await apply(canary({ 'canary-by-header': 'X-Canary', 'canary-by-cookie': 'tryit' }));
    const name = async (headers = {}) => JSON.parse((await fetch('/t', { headers })).text).name.split('-')[0];
    await vi.waitFor(async () => expect(await name({ 'x-canary': 'always' })).toBe('two'), UNTIL);
    await settled();
    expect(await name()).toBe('one');
    expect(await name({ 'x-canary': 'never', cookie: 'tryit=always' })).toBe('one');
    expect(await name({ cookie: 'tryit=always' })).toBe('two');
    const reloads = world.log.split('successfully reloaded').length;
    const found = await world.client.get<Ingress>(INGRESSES, 'canary', 'default');
    const annotations = { [`${PREFIX}canary`]: 'true', [`${PREFIX}canary-weight`]: '30' };
    await world.client.update(INGRESSES, { ...found, metadata: { ...found.metadata, annotations } });
    await vi.waitFor(async () => expect(await name({ 'x-canary': 'always' })).toBe('one'), UNTIL);
    const counts = { one: 0, two: 0 };
    for (let turn = 0; turn < 400; turn++) counts[(await name()) as 'one' | 'two']++;
    expect(counts.two).toBeGreaterThan(70);
    expect(counts.two).toBeLessThan(180);
    expect(world.log.split('successfully reloaded').length).toBe(reloads);
    await remove('canary');
    await done('main');
  });

  test('limit-rps: what is more than the rate and its burst is 503', async () => {
    const fetch = await annotated({ 'limit-rps': '1', 'limit-burst-multiplier': '2' });
    const statuses = (await Promise.all(Array.from({ length: 12 }, () => fetch('/t')))).map(
      ({ status }) => status,
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(3);
    expect(statuses.filter((status) => status === 503)).toHaveLength(9);
    await done();
  });

  test('whitelist-source-range', async () => {
    const fetch = await annotated({ 'whitelist-source-range': '127.0.0.8/29' });
    expect((await fetch('/t', { from: '127.0.0.9' })).status).toBe(200);
    expect((await fetch('/t')).status).toBe(403);
    await done();
  });

  test('enable-cors', async () => {
    const fetch = await annotated({ 'enable-cors': 'true', 'cors-allow-origin': 'https://*.a.com' });
    const headers = { origin: 'https://x.a.com' };
    const preflight = await fetch('/t', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe('https://x.a.com');
    const plain = await fetch('/t', { headers });
    expect(plain.status).toBe(200);
    expect(plain.headers['access-control-allow-origin']).toBe('https://x.a.com');
    expect((await fetch('/t', { headers: { origin: 'https://a.com.evil' } })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    );
    await done();
  });

  test('proxy-body-size, app-root, redirects, upstream-vhost', async () => {
    let fetch = await annotated({ 'proxy-body-size': '1k', 'upstream-vhost': 'inner.example' });
    expect((await fetch('/t', { method: 'POST', body: 'x'.repeat(2000) })).status).toBe(413);
    expect(JSON.parse((await fetch('/t', { method: 'POST', body: 'x' })).text)).toMatchObject({
      body: 1,
      headers: { host: 'inner.example' },
    });
    await done();
    fetch = await annotated({ 'app-root': '/app' }, to('one', '/'));
    expect(await fetch('/')).toMatchObject({
      status: 302,
      headers: { location: 'http://annotated.test/app' },
    });
    expect((await fetch('/app')).status).toBe(200);
    await done();
    fetch = await annotated({
      'permanent-redirect': 'https://elsewhere.test/',
      'permanent-redirect-code': '308',
    });
    expect(await fetch('/t')).toMatchObject({
      status: 308,
      headers: { location: 'https://elsewhere.test/' },
    });
    await done();
    fetch = await annotated({ 'force-ssl-redirect': 'true' });
    expect(await fetch('/t')).toMatchObject({
      status: 308,
      headers: { location: 'https://annotated.test/t' },
    });
    await done();
  });

  test('what is unknown or refused is an event, the rest works', async () => {
    const fetch = await annotated({
      'configuration-snippet': 'return 418;',
      'proxy-read-timeout': '10 }',
      'no-such-thing': 'x',
    });
    expect((await fetch('/t')).status).toBe(200);
    await vi.waitFor(async () => {
      const events = (await eventsOf('annotated')).join('\n');
      expect(events).toMatch(/InvalidAnnotation .*configuration-snippet.*--allow-snippet-annotations/);
      expect(events).toMatch(/InvalidAnnotation .*proxy-read-timeout/);
      expect(events).toMatch(/UnknownAnnotation .*no-such-thing/);
    }, UNTIL);
    await done();
  });
});

describe('a configuration that nginx refuses', () => {
  test('leaves out the Ingress that it is for, and says so', async () => {
    const regex = { annotations: { 'use-regex': 'true' } };
    await apply(ingress('good', [to('one', '/good/[a-z]+')], { ...regex, host: 'good.test' }));
    // Valid for JavaScript, not for PCRE: a lookbehind of unknown length.
    await apply(ingress('bad', [to('one', '/bad(?<=a+)b')], { ...regex, host: 'bad.test' }));
    await apply(ingress('late', [to('two', '/late')], { host: 'late.test' }));
    await vi.waitFor(async () => {
      expect((await world.fetch('/late', { host: 'late.test' })).status).toBe(200);
      expect((await world.fetch('/good/x', { host: 'good.test' })).status).toBe(200);
      expect((await eventsOf('bad')).join('\n')).toMatch(
        /Warning Rejected not served, NGINX refuses it: pcre2_compile/,
      );
    }, UNTIL);
    expect(await world.conf()).not.toContain('bad.test');
    expect((await eventsOf('good')).join('\n')).not.toContain('Rejected');
    const bad = await world.client.get<Ingress>(INGRESSES, 'bad', 'default');
    await world.client.update(INGRESSES, {
      ...bad,
      spec: ingress('', [to('one', '/fine')], { host: 'bad.test' }).spec,
    } as Ingress);
    await vi.waitFor(
      async () => expect((await world.fetch('/fine', { host: 'bad.test' })).status).toBe(200),
      UNTIL,
    );
    for (const name of ['good', 'bad', 'late']) await remove(name);
    await vi.waitFor(async () => expect(await world.conf()).not.toMatch(/(good|bad|late)\.test/), UNTIL);
    await settled();
  });
});

describe('changes under load', () => {
  const REQUESTS = 10_000;
  const CHANGES = 50;

  interface Load {
    readonly seen: Readonly<Record<string, number>>;
    readonly failures: Readonly<Record<string, number>>;
    readonly seconds: number;
  }

  test.each([
    ['a connection for each request', false],
    ['connections that are kept', true],
  ])('10,000 requests through 50 endpoint changes: none fails (%s)', async (_, keepAlive) => {
    const reloads = world.log.split('successfully reloaded').length;
    const load = world.command<Load>('load', { path: '/wordpress/x', count: REQUESTS, rate: 500, keepAlive });
    for (let change = 0; change < CHANGES; change++) {
      await world.command('sent', { count: (REQUESTS / CHANGES) * change });
      const gone = change % HOSTS.length;
      const host = HOSTS[gone] ?? '';
      // A pod that ends is taken from the list and closes its port at the same time, whichever comes first here.
      await Promise.all([
        world.endpoints(
          'one',
          HOSTS.filter((one) => one !== host),
        ),
        world.command('close', { host, port: 9000 }),
      ]);
      await world.command('listen', { host, port: 9000, name: `one-${gone}` });
    }
    const { seen, failures, seconds } = await load;
    expect(failures).toEqual({});
    expect(Object.keys(seen).sort()).toEqual(HOSTS.map((_, index) => `one-${index}`));
    expect(world.log.split('successfully reloaded')).toHaveLength(reloads);
    process.stderr.write(`10,000 requests in ${seconds.toFixed(1)} s, ${JSON.stringify(seen)}\n`);
    await world.endpoints('one', HOSTS);
  });

  test('10,000 requests through reloads: none fails', async () => {
    const load = world.command<Load>('load', { path: '/wordpress/x', count: 10_000, rate: 250 });
    let isOver = false;
    void load.then(() => {
      isOver = true;
    });
    let reloads = 0;
    while (!isOver) {
      const name = `reload-${reloads++}`;
      await apply(ingress(name, [to('two', '/')], { host: `${name}.test` }));
      await vi.waitFor(
        async () => expect((await world.fetch('/', { host: `${name}.test` })).status).toBe(200),
        UNTIL,
      );
      await remove(name);
    }
    const { failures } = await load;
    expect(failures).toEqual({});
    expect(reloads).toBeGreaterThan(5);
    process.stderr.write(`through ${reloads} Ingresses applied and removed\n`);
  });
});

describe('the program', () => {
  test('goes on serving while the API server is away', async () => {
    await world.api.goAway();
    expect((await world.fetch('/wordpress')).status).toBe(200);
    await world.api.comeBack();
    await apply(ingress('afterwards', [to('two', '/afterwards')]));
    await vi.waitFor(async () => expect((await world.fetch('/afterwards')).status).toBe(200), UNTIL);
  });

  test('its file can be checked by whoever asks, also where stdout is a socket', async () => {
    const asked = `require('node:child_process').spawnSync('nginx', ['-t', '-q'], {encoding: 'utf8'})`;
    expect(await world.sh(`node -p "const {status, stderr} = ${asked}; status + stderr"`)).toBe('0\n');
  });

  test('tells its metrics', async () => {
    const metrics = await world.sh('curl -s 127.0.0.1:10254/metrics');
    expect(metrics).toMatch(
      /^nginx_ingress_controller_success\{controller_class="k8s.io\/ingress-nginx",.*\} [1-9]/m,
    );
    expect(metrics).toMatch(/nginx_ingress_controller_nginx_process_connections\{.*state="active"\} /);
  });

  test('ends with nginx at a SIGTERM', async () => {
    expect(await world.terminate()).toBe(0);
    expect(await world.sh('pgrep -c nginx: || true')).toBe('0\n');
  });

  test('ends when nginx does', async () => {
    await world.run('--watch-ingress-without-class=true');
    await world.sh('kill -9 $(pgrep -o -f "nginx: master")');
    expect(await world.terminate('CONT')).toBe(1);
  });
});
