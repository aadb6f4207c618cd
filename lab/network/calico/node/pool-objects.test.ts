import { expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { IP_POOLS, IP_RESERVATIONS, IPAM_CONFIGS } from '../../../api/client/index.ts';
import { PAPER_CLUSTER } from '../../../api/cluster.fixture.ts';
import { configuredObjects, ensureConfigured } from './pool-objects.ts';

const ensure = async (api: FakeApi, cluster = PAPER_CLUSTER) => {
  for (const wanted of configuredObjects(cluster)) await ensureConfigured(api, wanted);
};

it("makes Calico's default pool out of the topology", async () => {
  const api = new FakeApi();
  await ensure(api);
  expect(await api.get(IP_POOLS, 'default-ipv4-ippool')).toMatchObject({
    spec: {
      cidr: '192.168.0.0/16',
      blockSize: 26,
      ipipMode: 'Always',
      vxlanMode: 'Never',
      natOutgoing: true,
      nodeSelector: 'all()',
    },
  });
  expect(await api.get(IPAM_CONFIGS, 'default')).toMatchObject({
    spec: { strictAffinity: false, autoAllocateBlocks: true },
  });
});

it('writes nothing the second time, and only what differs after a change of the topology', async () => {
  const api = new FakeApi();
  await ensure(api);
  await api.patch(IP_POOLS, 'default-ipv4-ippool', undefined, { spec: { disabled: false } });
  const writes: string[] = [];
  api.onWrite(({ type, object }) => writes.push(`${type} ${object.metadata.name}`));
  await ensure(api);
  expect(writes).toEqual([]);
  await ensure(api, { ...PAPER_CLUSTER, podCIDR: '10.244.0.0/16' });
  expect(writes).toEqual(['MODIFIED default-ipv4-ippool']);
  expect(await api.get(IP_POOLS, 'default-ipv4-ippool')).toMatchObject({
    spec: { cidr: '10.244.0.0/16', disabled: false },
  });
});

it('takes it for done when another node was faster', async () => {
  const api = new FakeApi();
  await Promise.all([ensure(api), ensure(api), ensure(api)]);
  expect((await api.list(IP_POOLS)).items).toHaveLength(1);
});

it('shows the reserved addresses, where there are any', async () => {
  const api = new FakeApi();
  const reservedCIDRs = ['192.168.8.222/31', '192.168.104.109/32'];
  const cluster = { ...PAPER_CLUSTER, reservedCIDRs };
  await ensure(api, cluster);
  expect(await api.get(IP_RESERVATIONS, 'topology')).toMatchObject({ spec: { reservedCIDRs } });
  const writes: string[] = [];
  api.onWrite(({ object }) => writes.push(object.metadata.name ?? ''));
  await ensure(api, { ...cluster, reservedCIDRs: [...reservedCIDRs] });
  await ensure(api, { ...cluster, reservedCIDRs: ['192.168.8.222/32'] });
  expect(writes).toEqual(['topology']);
  await ensure(api);
  expect(await api.get(IP_RESERVATIONS, 'topology')).toMatchObject({ spec: { reservedCIDRs: [] } });
});

it('makes no reservation where nothing is reserved', async () => {
  const api = new FakeApi();
  await ensure(api);
  expect((await api.list(IP_RESERVATIONS)).items).toEqual([]);
});
