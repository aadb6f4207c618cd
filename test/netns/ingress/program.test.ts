import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import { INGRESSES } from '../../../lab/api/client/index.ts';
import type { Ingress } from '../../../lab/network/ingress/objects.ts';
import { ingress, to } from './objects.ts';
import { IngressWorld, UNTIL } from './world.ts';

let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.service('one', ['192.168.1.1']);
  await world.service('two', ['192.168.2.1']);
  await world.run('--watch-ingress-without-class=true');
});

afterAll(async () => {
  await world?.close();
});

/** The program and its nginx, also when they are in a state that nobody wanted. */
async function kill(): Promise<void> {
  await world.sh("pkill -9 -f '[n]ginx' || true");
  await world.ended();
}

test('a configuration that nginx refuses leaves out the Ingress that it is for, and says so', async () => {
  onTestFailed(() => world.remove('good', 'bad', 'late'));
  const regex = { annotations: { 'use-regex': 'true' } };
  await world.apply(
    ingress('good', [to('one', '/good/[a-z]+')], { ...regex, host: 'good.test' }),
    // Valid for JavaScript, not for PCRE: a lookbehind of unknown length.
    ingress('bad', [to('one', '/bad(?<=a+)b')], { ...regex, host: 'bad.test' }),
    ingress('late', [to('two', '/late')], { host: 'late.test' }),
  );
  const { conf } = await world.live((conf) => conf.includes('"good"') && conf.includes('"late"'));
  expect(conf).not.toContain('bad.test');
  expect((await world.fetch('/late', { host: 'late.test' })).status).toBe(200);
  expect((await world.fetch('/good/x', { host: 'good.test' })).status).toBe(200);
  await vi.waitFor(
    async () =>
      expect((await world.eventsOf('bad')).join('\n')).toMatch(
        /Warning Rejected not served, NGINX refuses it: pcre2_compile/,
      ),
    UNTIL,
  );
  expect((await world.eventsOf('good')).join('\n')).not.toContain('Rejected');
  const bad = await world.client.get<Ingress>(INGRESSES, 'bad', 'default');
  const { spec } = ingress('', [to('one', '/fine')], { host: 'bad.test' });
  await world.client.update(INGRESSES, { ...bad, spec } as Ingress);
  await world.live((conf) => conf.includes('start server bad.test'));
  expect((await world.fetch('/fine', { host: 'bad.test' })).status).toBe(200);
  await world.remove('good', 'bad', 'late');
  expect(await world.conf()).not.toMatch(/(good|bad|late)\.test/);
});

test('it goes on serving while the API server is away', async () => {
  onTestFailed(() => world.remove('applications', 'afterwards'));
  await world.apply(ingress('applications', [to('one', '/wordpress')]));
  await world.live((conf) => conf.includes('"applications"'));
  await world.api.goAway();
  try {
    expect((await world.fetch('/wordpress')).status).toBe(200);
  } finally {
    await world.api.comeBack();
  }
  await world.apply(ingress('afterwards', [to('two', '/afterwards')]));
  await world.live((conf) => conf.includes('"afterwards"'));
  expect((await world.fetch('/afterwards')).status).toBe(200);
});

test('its file can be checked by whoever asks, also where stdout is a socket', async () => {
  const asked = `require('node:child_process').spawnSync('nginx', ['-t', '-q'], {encoding: 'utf8'})`;
  expect(await world.sh(`node -p "const {status, stderr} = ${asked}; status + stderr"`)).toBe('0\n');
});

test('it tells its metrics', async () => {
  const metrics = await world.sh('curl -s 127.0.0.1:10254/metrics');
  expect(metrics).toMatch(
    /^nginx_ingress_controller_success\{controller_class="k8s.io\/ingress-nginx",.*\} [1-9]/m,
  );
  expect(metrics).toMatch(/nginx_ingress_controller_nginx_process_connections\{.*state="active"\} /);
});

test('it ends with nginx at a SIGTERM', async () => {
  onTestFailed(async () => {
    await kill();
    await world.run('--watch-ingress-without-class=true');
  });
  expect(await world.terminate()).toBe(0);
  expect(await world.sh('pgrep -c nginx: || true')).toBe('0\n');
});

test('it ends when nginx does', async () => {
  // What is left of the test before, or of an earlier try.
  await kill();
  await world.run('--watch-ingress-without-class=true');
  await world.sh("kill -9 $(pgrep -f '[n]ginx: master')");
  // In a pod, the workers that nobody controls any more end with the container.
  await world.sh("pkill -9 -f '[n]ginx: worker' || true");
  expect(await world.ended()).toBe(1);
});
