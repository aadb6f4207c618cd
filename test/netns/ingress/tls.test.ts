import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { SECRETS } from '../../../lab/api/client/index.ts';
import type { Secret } from '../../../lab/network/ingress/objects.ts';
import { selfSigned } from '../../control-plane/support/certificate.ts';
import { ingress, to } from './objects.ts';
import { IngressWorld } from './world.ts';

let world: IngressWorld;

beforeAll(async () => {
  world = await IngressWorld.start();
  await world.service('one', ['192.168.1.1']);
  await world.run('--watch-ingress-without-class=true');
});

afterAll(async () => {
  await world?.close();
});

test('hosts without a certificate get the fake one', async () => {
  expect(await world.ask('certificate', { name: 'nobody.com' })).toMatchObject({
    subject: { CN: 'Kubernetes Ingress Controller Fake Certificate', O: 'Acme Co' },
  });
});

test('a secret serves its host by SNI, and http is redirected', async () => {
  onTestFailed(async () => {
    await world.remove('tls');
    await world.client.delete(SECRETS, 'pair', 'default').catch(() => {});
  });
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
  await world.apply(ingress('tls', [to('one', '/')], { host: 'localhost', tls }));
  await world.live((conf) => conf.includes('default-pair-'));
  expect(await world.fetch('/a/b/?c=d', { host: 'localhost' })).toMatchObject({
    status: 308,
    headers: { location: 'https://localhost/a/b/?c=d' },
  });
  const secure = await world.fetch('/x', { host: 'localhost', secure: true });
  expect(secure).toMatchObject({ status: 200, subject: 'hoplab-test' });
  expect(secure.headers['strict-transport-security']).toBe('max-age=15724800; includeSubDomains');
  expect(JSON.parse(secure.text).headers).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
  });
  await world.remove('tls');
});
