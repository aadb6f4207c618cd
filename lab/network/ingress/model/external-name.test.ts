import { expect, test } from 'vitest';
import type { Service } from '../../../api/objects/index.ts';
import { renderDynamic } from '../render/index.ts';
import { ATTACKS } from '../testing/attacks.fixture.ts';
import { ingress, modelOf, path } from '../testing/cluster.fixture.ts';
import { endpointsOf } from './endpoints.ts';

const external = (externalName: unknown, ports?: Service['spec']['ports']): Service => ({
  metadata: { name: 'svc', namespace: 'default' },
  spec: { type: 'ExternalName', externalName: externalName as string, ...(ports ? { ports } : {}) },
});
const found = (service: Service, port = '80') =>
  endpointsOf(
    { id: 'x', namespace: 'default', service: 'svc', port, serviceUpstream: false },
    { service: () => service, slices: () => [] },
  );

test('the name is the endpoint', () => {
  expect(found(external('www.example.com'))).toEqual(['www.example.com:80']);
  expect(found(external('www.example.com.'))).toEqual(['www.example.com:80']);
  expect(found(external('db'))).toEqual(['db:80']);
});

test('its port is the target port, or the one that the Ingress says', () => {
  const ports = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'plain', port: 81 },
    { name: 'named', port: 82, targetPort: 'web' },
  ];
  const at = (port: string) => found(external('a.test', ports), port);
  expect([at('80'), at('http')]).toEqual([['a.test:8080'], ['a.test:8080']]);
  expect([at('81'), at('plain')]).toEqual([['a.test:81'], ['a.test:81']]);
  // There is no pod that could say which port the name is.
  expect(at('named')).toEqual(['a.test:82']);
  expect(at('9000')).toEqual(['a.test:9000']);
  expect(at('other')).toEqual([]);
  expect(at('70000')).toEqual([]);
});

test('addresses need no look-up', () => {
  expect(found(external('203.0.113.10'))).toEqual(['203.0.113.10:80']);
  expect(found(external('fd00::1'))).toEqual(['[fd00::1]:80']);
});

test.each([
  'localhost',
  'x.localhost',
  'localhost.',
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '0.0.0.1',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '',
  undefined,
  null,
  7,
])('%j is nobody', (name) => {
  expect(found(external(name, [{ port: 80 }]))).toEqual([]);
});

const model = modelOf([ingress('one', [path('/')])]);
const rows = (service: Service): string[] =>
  renderDynamic(
    model,
    model.backends,
    (ref) => endpointsOf(ref, { service: () => service, slices: () => [] }),
    '127.0.0.1:8181',
  )
    .trimEnd()
    .split('\n')
    .filter((line) => line.split('\t')[1] === 'default-svc-80');

test('nginx is told to look a name up, and an address as it is', () => {
  expect(rows(external('www.example.com'))).toEqual(['external\tdefault-svc-80\twww.example.com\t80']);
  expect(rows(external('203.0.113.10'))).toEqual(['backend\tdefault-svc-80\t203.0.113.10\t80']);
  expect(rows(external('fd00::1'))).toEqual(['backend\tdefault-svc-80\t[fd00::1]\t80']);
});

test(`${ATTACKS.length} attempts instead of a name: a row at most, of a name at most`, () => {
  for (const attack of ATTACKS) {
    for (const name of [attack, attack.replace(/^\//, ''), `a.${attack}`, `${attack}.test`]) {
      const [row, ...others] = rows(external(name));
      expect(others).toEqual([]);
      expect(row).toMatch(/^(backend\tdefault-svc-80|external\tdefault-svc-80\t[a-z0-9.-]{1,253}\t80)$/);
    }
  }
});
