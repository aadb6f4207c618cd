import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { loadKinds } from './support/kinds.ts';
import { startTestServer, type TestServer } from './support/server.ts';

// White paper, Figures 75 and 76: the ingress controller on worker2.
const NODE = 'iks-networking-example-cl-iks-networ-ac625d72ba';
const POD = 'essential-nginx-ingress-ingress-nginx-controller-7ndcw';
const PODS = '/api/v1/namespaces/iks/pods';
const ENDPOINTS = '/apis/crd.projectcalico.org/v1/workloadendpoints';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ kinds: await loadKinds() });
  await server.client.post('/api/v1/namespaces', { metadata: { name: 'iks' } });
});
afterAll(() => server.close());

function makePod(name: string, labels: object) {
  const spec = { nodeName: NODE, containers: [{ name: 'c', image: 'i' }] };
  return server.client.post(PODS, { metadata: { name, labels }, spec });
}

function address(name: string, ip: string) {
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }] };
  return server.client.send('PATCH', `${PODS}/${name}/status`, {
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { status },
  });
}

const names = (list: { items: { metadata: { name: string } }[] }) =>
  list.items.map(({ metadata }) => metadata.name);
const endpointName = (pod: string): string =>
  `${NODE.replaceAll('-', '--')}-k8s-${pod.replaceAll('-', '--')}-eth0`;

it('appear, change and go with the addresses of pods', async () => {
  // Those of an earlier try.
  for (const name of [POD, 'other'])
    await server.client.send('DELETE', `${PODS}/${name}?gracePeriodSeconds=0`);
  await makePod(POD, { role: 'ingress' });
  const events: string[] = [];
  const watch = server.client.watch(
    `${ENDPOINTS}?watch=true&labelSelector=role%3Dingress`,
    ({ type, object }) => {
      events.push(`${type} ${object.kind} ${object.spec.pod} ${object.spec.ipNetworks}`);
    },
  );
  onTestFinished(watch.stop);
  await watch.started;
  expect((await server.client.get(ENDPOINTS)).json).toMatchObject({
    kind: 'WorkloadEndpointList',
    items: [],
  });
  await address(POD, '192.168.8.193');
  await makePod('other', {});
  await address('other', '192.168.8.194');

  const all = (await server.client.get(ENDPOINTS)).json;
  expect(names(all)).toEqual([endpointName(POD), endpointName('other')]);
  expect(names((await server.client.get(`${ENDPOINTS}?labelSelector=role%3Dingress`)).json)).toHaveLength(1);
  expect(
    names(
      (await server.client.get(`/apis/crd.projectcalico.org/v1/namespaces/default/workloadendpoints`)).json,
    ),
  ).toEqual([]);
  const first = (await server.client.get(`${ENDPOINTS}?limit=1`)).json;
  const rest = (await server.client.get(`${ENDPOINTS}?limit=1&continue=${first.metadata.continue}`)).json;
  expect([...names(first), ...names(rest)]).toEqual(names(all));

  await address(POD, '192.168.8.195');
  await server.client.send('DELETE', `${PODS}/${POD}?gracePeriodSeconds=0`);
  await expect.poll(() => events.length, { timeout: 10_000 }).toBe(3);
  watch.stop();
  expect(events).toEqual([
    `ADDED WorkloadEndpoint ${POD} 192.168.8.193/32`,
    `MODIFIED WorkloadEndpoint ${POD} 192.168.8.195/32`,
    `DELETED WorkloadEndpoint ${POD} 192.168.8.195/32`,
  ]);
});

it('are shown as calicoctl shows them (Figure 76) and found by name', async () => {
  await makePod(POD, {});
  await address(POD, '192.168.8.193');
  const table = await server.client.send('GET', ENDPOINTS, {
    headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  expect(table.json.columnDefinitions.map(({ name }: { name: string }) => name.toUpperCase())).toEqual([
    'WORKLOAD',
    'NODE',
    'NETWORKS',
    'INTERFACE',
  ]);
  expect(table.json.rows[0].cells).toEqual([POD, NODE, '192.168.8.193/32', 'cali21ac0ad37cb']);
  const path = `/apis/crd.projectcalico.org/v1/namespaces/iks/workloadendpoints/${endpointName(POD)}`;
  expect((await server.client.get(path)).json).toMatchObject({
    kind: 'WorkloadEndpoint',
    spec: { pod: POD },
  });
  expect((await server.client.get(`${path}x`)).code).toBe(404);
});

it('cannot be written', async () => {
  const path = '/apis/crd.projectcalico.org/v1/namespaces/iks/workloadendpoints';
  const body = { metadata: { name: 'x' }, spec: {} };
  expect((await server.client.post(path, body)).code).toBe(405);
  for (const method of ['PUT', 'DELETE']) {
    const reply = await server.client.send(method, `${path}/${endpointName(POD)}`, { body });
    expect(reply.code).toBe(405);
  }
  expect((await server.client.send('DELETE', path)).code).toBe(405);
});

it("Calico's blocks are compared and swapped", async () => {
  const blocks = '/apis/crd.projectcalico.org/v1/ipamblocks';
  const spec = {
    cidr: '192.168.8.192/30',
    affinity: `host:${NODE}`,
    allocations: [null, 0, null, null],
    unallocated: [0, 2, 3],
    attributes: [{ handle_id: 'k8s-pod-network.1', secondary: { pod: POD } }],
    strictAffinity: false,
  };
  const metadata = { name: '192-168-8-192-30' };
  const kinds = { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPAMBlock' };
  // One that an earlier try made.
  await server.client.send('DELETE', `${blocks}/${metadata.name}`);
  const made = await server.client.post(blocks, { ...kinds, metadata, spec });
  expect(made.json.spec).toEqual(spec);
  const put = (resourceVersion: string | undefined) =>
    server.client.send('PUT', `${blocks}/${metadata.name}`, {
      body: {
        ...kinds,
        metadata: { ...metadata, resourceVersion },
        spec: { ...spec, allocations: [1, 0, null, null] },
      },
    });
  const { resourceVersion } = made.json.metadata;
  expect((await put(resourceVersion)).json.spec.allocations).toEqual([1, 0, null, null]);
  expect((await put(resourceVersion)).json).toMatchObject({ code: 409, reason: 'Conflict' });
  expect((await put(undefined)).json).toMatchObject({ code: 422 });
  const patched = await server.client.send('PATCH', `${blocks}/${metadata.name}`, {
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { metadata: { labels: { a: 'b' } } },
  });
  expect(patched.code).toBe(200);
});
