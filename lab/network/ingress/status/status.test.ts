import { expect, test } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { INGRESSES } from '../../../api/client/index.ts';
import { silentLog } from '../../../api/klog.ts';
import type { Ingress } from '../objects.ts';
import { ingress, path } from '../testing/cluster.fixture.ts';
import { isOutdated, type PublishService, publishedAddresses } from './addresses.ts';
import { StatusWriter } from './writer.ts';

const service = (
  spec: PublishService['spec'],
  ingresses: { ip?: string; hostname?: string }[] = [],
): PublishService => ({
  metadata: { name: 'x' },
  spec,
  status: { loadBalancer: { ingress: ingresses } },
});

test('addresses of the service, by its type', () => {
  expect(publishedAddresses(undefined)).toEqual([]);
  expect(publishedAddresses(service({ type: 'LoadBalancer' }))).toEqual([]);
  const balanced = service({ type: 'LoadBalancer', externalIPs: ['10.0.0.1'] }, [
    { ip: '10.1.110.105' },
    { hostname: 'lb' },
  ]);
  expect(publishedAddresses(balanced)).toEqual([
    { ip: '10.0.0.1' },
    { ip: '10.1.110.105' },
    { hostname: 'lb' },
  ]);
  expect(publishedAddresses(service({ type: 'NodePort', clusterIP: '10.96.0.7' }))).toEqual([
    { ip: '10.96.0.7' },
  ]);
  expect(publishedAddresses(service({ clusterIP: 'None' }))).toEqual([]);
});

test('a status is outdated when its addresses are others, in whatever order', () => {
  const one: Ingress = { metadata: {}, status: { loadBalancer: { ingress: [{ ip: 'b' }, { ip: 'a' }] } } };
  expect(isOutdated(one, [{ ip: 'a' }, { ip: 'b' }])).toBe(false);
  expect(isOutdated(one, [{ ip: 'a' }])).toBe(true);
  expect(isOutdated({ metadata: {} }, [])).toBe(false);
});

test('one controller writes, and only what has changed', async () => {
  const api = new FakeApi();
  await api.load(INGRESSES, ingress('one', [path('/')]), ingress('two', [path('/')]));
  const { items } = await api.list<Ingress>(INGRESSES);
  const written: string[] = [];
  api.onWrite(({ object }) => written.push(object.metadata.name ?? ''));
  const state = { leads: false };
  const writer = new StatusWriter(
    api,
    {
      ingresses: () => items,
      ingress: (key) => items.find(({ metadata }) => key === `default/${metadata.name}`),
      addresses: () => [{ ip: '10.1.110.105' }],
      leads: () => state.leads,
    },
    silentLog,
  );
  writer.changed();
  await writer.idle();
  expect(written).toEqual([]);
  state.leads = true;
  writer.changed();
  writer.changed();
  await writer.idle();
  expect(written.sort()).toEqual(['one', 'two']);
  const { status } = await api.get<Ingress>(INGRESSES, 'one', 'default');
  expect(status?.loadBalancer?.ingress).toEqual([{ ip: '10.1.110.105' }]);
});
