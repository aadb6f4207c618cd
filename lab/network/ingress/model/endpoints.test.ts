import { expect, test } from 'vitest';
import type { EndpointSlice, Service, SliceEndpoint } from '../../../api/objects/index.ts';
import { endpointsOf } from './endpoints.ts';

const service = (ports: Service['spec']['ports']): Service => ({
  metadata: { name: 'svc', namespace: 'default' },
  spec: { clusterIP: '10.96.0.1', ...(ports ? { ports } : {}) },
});
const slice = (
  endpoints: SliceEndpoint[],
  ports: EndpointSlice['ports'] = [{ name: 'http', port: 8080 }],
): EndpointSlice => ({
  metadata: { name: 'svc-1' },
  addressType: 'IPv4',
  endpoints,
  ports,
});
const found = (port: string, slices: EndpointSlice[], serviceUpstream = false) =>
  endpointsOf(
    { id: 'x', namespace: 'default', service: 'svc', port, serviceUpstream },
    {
      service: (key) => (key === 'default/svc' ? service([{ name: 'http', port: 80 }]) : undefined),
      slices: () => slices,
    },
  );

test('by number and by name of the service’s port; the target comes from the slice', () => {
  const slices = [
    slice([{ addresses: ['10.0.0.2'] }, { addresses: ['10.0.0.1'], conditions: { ready: true } }]),
  ];
  expect(found('80', slices)).toEqual(['10.0.0.1:8080', '10.0.0.2:8080']);
  expect(found('http', slices)).toEqual(['10.0.0.1:8080', '10.0.0.2:8080']);
  expect(found('81', slices)).toEqual([]);
  expect(found('80', slices, true)).toEqual(['10.96.0.1:80']);
});

test('several slices name an endpoint once, each with its own port', () => {
  const one = slice([{ addresses: ['10.0.0.1'] }]);
  expect(
    found('80', [one, one, slice([{ addresses: ['10.0.0.2'] }], [{ name: 'http', port: 9090 }])]),
  ).toEqual(['10.0.0.1:8080', '10.0.0.2:9090']);
});

test('what is not ready is left out, unless nobody else is left and it still serves', () => {
  const ending = { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } };
  const broken = { addresses: ['10.0.0.4'], conditions: { ready: false, serving: false } };
  expect(found('80', [slice([{ addresses: ['10.0.0.1'] }, ending, broken])])).toEqual(['10.0.0.1:8080']);
  expect(found('80', [slice([ending, broken])])).toEqual(['10.0.0.3:8080']);
  expect(found('80', [slice([broken])])).toEqual([]);
});

test('malformed endpoints are none', () => {
  const odd = [
    { addresses: ['x; }'] },
    { addresses: [] },
    {},
    { addresses: ['fe80::1%eth0'] },
  ] as SliceEndpoint[];
  expect(found('80', [slice(odd)])).toEqual([]);
  expect(found('80', [slice([{ addresses: ['10.0.0.1'] }], [{ name: 'http', port: 70_000 }])])).toEqual([]);
  expect(found('80', [slice([{ addresses: ['fd00::1'] }])])).toEqual(['[fd00::1]:8080']);
});
