import { expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { BLOCK_AFFINITIES, IPAM_BLOCKS, IPAM_HANDLES } from '../../../api/client/index.ts';
import type { ApiObject } from '../../../api/objects/index.ts';
import { ApiDatastore } from '../datastore/index.ts';
import { IPAM_RESOURCES, Ipam } from './index.ts';
import { storeProblems } from './store-problems.ts';

const WORKER2 = 'iks-networking-example-cl-iks-networ-ac625d72ba';
const pool = { cidr: '192.168.0.0/16', blockSize: 26, strictAffinity: false, pinnedBlocks: {} };

function world() {
  const api = new FakeApi();
  const store = new ApiDatastore(api, IPAM_RESOURCES);
  return { api, store, ipam: new Ipam(store, pool) };
}
const get = (api: FakeApi, ...path: Parameters<FakeApi['get']>) =>
  api.get<ApiObject & { spec: Record<string, unknown> }>(...path);

it('keeps block, affinity and handle under the names and in the fields of Calico', async () => {
  const { api, ipam } = world();
  const secondary = {
    namespace: 'iks',
    pod: 'ingress',
    node: WORKER2,
    timestamp: '2021-03-01T10:00:00.000Z',
  };
  await ipam.ensureTunnelAddress(WORKER2);
  await ipam.autoAssign(WORKER2, { handle: 'k8s-pod-network.0A1b', attributes: secondary });

  expect((await get(api, IPAM_BLOCKS, '192-168-8-192-26')).spec).toEqual({
    cidr: '192.168.8.192/26',
    affinity: `host:${WORKER2}`,
    allocations: [0, 1, ...new Array(62).fill(null)],
    unallocated: Array.from({ length: 62 }, (_, i) => i + 2),
    attributes: [
      {
        handle_id: `ipip-tunnel-addr-${WORKER2}`,
        secondary: { node: WORKER2, type: 'ipipTunnelAddress' },
      },
      { handle_id: 'k8s-pod-network.0A1b', secondary },
    ],
    strictAffinity: false,
    deleted: false,
  });
  expect((await get(api, BLOCK_AFFINITIES, `${WORKER2}-192-168-8-192-26`)).spec).toEqual({
    cidr: '192.168.8.192/26',
    node: WORKER2,
    state: 'confirmed',
    deleted: 'false',
  });
  expect(await get(api, IPAM_HANDLES, 'k8s-pod-network.0a1b')).toMatchObject({
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'IPAMHandle',
    spec: { handleID: 'k8s-pod-network.0A1b', block: { '192.168.8.192/26': 1 }, deleted: false },
  });
});

it('leaves the affinity of a block out that has none', async () => {
  const { api, ipam, store } = world();
  await ipam.ensureTunnelAddress('a');
  const [block = ''] = await ipam.blocksOfNode('a');
  await ipam.assignIP(
    'b',
    block.replace(/\d+\/26$/, (last) => String(Number.parseInt(last, 10) + 9)),
    {
      handle: 'net.b',
      attributes: { node: 'b' },
    },
  );
  await ipam.releaseRemovedNodes(['b']);
  const object = await get(api, IPAM_BLOCKS, block.replace(/[./]/g, '-'));
  expect(object.spec).not.toHaveProperty('affinity');
  expect(await ipam.listBlocks()).toEqual([expect.not.objectContaining({ node: expect.anything() })]);
  expect(await storeProblems(store)).toEqual([]);
});

it('keeps fields of a later Calico', async () => {
  const { api, ipam } = world();
  await ipam.ensureTunnelAddress(WORKER2);
  const name = '192-168-8-192-26';
  await api.patch(IPAM_BLOCKS, name, undefined, { spec: { sequenceNumber: 7 } });
  await ipam.autoAssign(WORKER2, { handle: 'net.c1', attributes: {} });
  expect((await get(api, IPAM_BLOCKS, name)).spec).toMatchObject({ sequenceNumber: 7 });
});

it('asks little for a pod of a node that has its block: six requests', async () => {
  const { api, store, ipam } = world();
  await ipam.ensureTunnelAddress(WORKER2);
  const calls: string[] = [];
  const counting = new Proxy(store, {
    get: (target, verb: 'get') => {
      calls.push(verb);
      return target[verb].bind(target);
    },
  });
  const again = new Ipam(counting, pool);
  await again.addressesByHandle('net.c1');
  await again.autoAssign(WORKER2, { handle: 'net.c1', attributes: {} });
  expect(calls).toEqual(['get', 'list', 'get', 'create', 'update', 'get']);
  expect((await api.list(IPAM_HANDLES)).items).toHaveLength(2);
});
