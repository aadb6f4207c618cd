import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKinds } from './support/kinds.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ kinds: await loadKinds() });
});
afterAll(() => server?.close());

const PODS = '/api/v1/namespaces/default/pods';

it('an eviction deletes its pod, and a trial run does not', async () => {
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await server.client.post(PODS, { metadata: { name: 'out' }, spec });
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'out' } };
  expect((await server.client.post(`${PODS}/out/eviction?dryRun=All`, eviction)).code).toBe(201);
  expect((await server.client.get(`${PODS}/out`)).code).toBe(200);
  const evicted = await server.client.post(`${PODS}/out/eviction`, eviction);
  expect(evicted.code).toBe(201);
  expect(evicted.json).toMatchObject({ kind: 'Status', status: 'Success' });
  expect((await server.client.get(`${PODS}/out`)).code).toBe(404);
});

it.each(['extensions', 'networking.k8s.io'])(
  'an Ingress of %s/v1beta1 comes with a warning',
  async (group) => {
    const path = `/apis/networking.k8s.io/v1/namespaces/default/ingresses/${group.slice(0, 3)}`;
    // One that an earlier try made.
    await server.client.send('DELETE', path);
    const made = await server.client.post(`/apis/${group}/v1beta1/namespaces/default/ingresses`, {
      metadata: { name: group.slice(0, 3) },
      spec: { backend: { serviceName: 'web', servicePort: 80 } },
    });
    expect(made.code).toBe(201);
    expect(made.json.apiVersion).toBe(`${group}/v1beta1`);
    expect(made.headers.warning).toContain(`${group}/v1beta1 Ingress is deprecated`);
    expect(made.headers.warning).toContain('use networking.k8s.io/v1 Ingress');
    const read = await server.client.get(path);
    expect(read.json.spec.defaultBackend).toEqual({ service: { name: 'web', port: { number: 80 } } });
    expect(read.headers.warning).toBeUndefined();
  },
);

it('a watch that ends tells how far it came, when bookmarks are wanted', async () => {
  const path = '/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=0';
  const list = await server.client.get('/api/v1/namespaces/default/secrets');
  const from = `${path}&resourceVersion=${list.json.metadata.resourceVersion}`;
  const bookmarked = await server.client.get(`${from}&allowWatchBookmarks=true`);
  const event = JSON.parse(bookmarked.text.trim()) as { type: string; object: { metadata: object } };
  expect(event).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Secret' } });
  expect(event.object.metadata).toHaveProperty('resourceVersion');
  expect((await server.client.get(from)).text).toBe('');
});
