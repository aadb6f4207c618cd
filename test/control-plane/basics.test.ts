import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  expect(server.problems).toEqual([]);
  await server.close();
});

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const patch = (path: string, type: string, body: unknown) =>
  server.client.send('PATCH', path, { body, headers: { 'Content-Type': `application/${type}+json` } });
/** Takes away what an earlier try of a test has left. */
const away = (path: string) => server.client.send('DELETE', `${path}?gracePeriodSeconds=0`);

describe('one object', () => {
  it('is created, read, changed with three kinds of patch and deleted', async () => {
    await away(`${CONFIG_MAPS}/a`);
    const created = await server.client.post(CONFIG_MAPS, { metadata: { name: 'a' }, data: { x: '1' } });
    expect(created.code).toBe(201);
    expect(created.json).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { namespace: 'default' },
    });
    const read = await server.client.get(`${CONFIG_MAPS}/a`);
    expect(read.json).toEqual(created.json);
    expect((await patch(`${CONFIG_MAPS}/a`, 'merge-patch', { data: { y: '2' } })).json.data).toEqual({
      x: '1',
      y: '2',
    });
    expect(
      (await patch(`${CONFIG_MAPS}/a`, 'json-patch', [{ op: 'remove', path: '/data/x' }])).json.data,
    ).toEqual({ y: '2' });
    const strategic = await patch(`${CONFIG_MAPS}/a`, 'strategic-merge-patch', {
      data: { $patch: 'replace', z: '3' },
    });
    expect(strategic.json.data).toEqual({ z: '3' });
    const gone = await server.client.send('DELETE', `${CONFIG_MAPS}/a`);
    expect(gone.json).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps' },
    });
    expect((await server.client.get(`${CONFIG_MAPS}/a`)).code).toBe(404);
  });

  it('refuses an update from an old version, and does not write one that changes nothing', async () => {
    const path = `${CONFIG_MAPS}/b`;
    await away(path);
    const { json: first } = await server.client.post(CONFIG_MAPS, { metadata: { name: 'b' } });
    const second = await server.client.send('PUT', path, { body: { ...first, data: { x: '1' } } });
    expect(second.code).toBe(200);
    const stale = await server.client.send('PUT', path, { body: { ...first, data: { x: '2' } } });
    expect(stale.code).toBe(409);
    expect(stale.json.message).toContain('please apply your changes to the latest version');
    const same = await server.client.send('PUT', path, { body: second.json });
    expect(same.json.metadata.resourceVersion).toBe(second.json.metadata.resourceVersion);
  });

  it('waits for finalizers', async () => {
    await server.client.post(CONFIG_MAPS, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const marked = await server.client.send('DELETE', `${CONFIG_MAPS}/held`);
    expect(marked.json.metadata.deletionTimestamp).toBeTypeOf('string');
    expect((await server.client.get(`${CONFIG_MAPS}/held`)).code).toBe(200);
    await patch(`${CONFIG_MAPS}/held`, 'merge-patch', { metadata: { finalizers: null } });
    expect((await server.client.get(`${CONFIG_MAPS}/held`)).code).toBe(404);
  });

  it('gives a pod on a node its grace, and lets it be shortened', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await server.client.post(pods, { metadata: { name: 'p' }, spec: { nodeName: 'n' } });
    const first = await server.client.send('DELETE', `${pods}/p`);
    expect(first.json.metadata.deletionGracePeriodSeconds).toBe(30);
    expect((await server.client.get(`${pods}/p`)).code).toBe(200);
    await server.client.send('DELETE', `${pods}/p?gracePeriodSeconds=0`);
    expect((await server.client.get(`${pods}/p`)).code).toBe(404);
  });
});

describe('lists', () => {
  it('page over a fixed state, with the number that remains', async () => {
    const path = '/api/v1/namespaces/kube-public/configmaps';
    for (let index = 0; index < 10; index++)
      await server.client.post(path, { metadata: { name: `pg${index}` } });
    const first = await server.client.get(`${path}?limit=4`);
    expect(first.json.metadata.remainingItemCount).toBe(6);
    await server.client.send('DELETE', `${path}/pg5`);
    const second = await server.client.get(`${path}?limit=4&continue=${first.json.metadata.continue}`);
    const names = second.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(names).toEqual(['pg4', 'pg5', 'pg6', 'pg7']);
    server.api.store.compact();
    const third = await server.client.get(`${path}?limit=4&continue=${second.json.metadata.continue}`);
    expect(third.code).toBe(410);
    const rest = await server.client.get(`${path}?limit=4&continue=${third.json.metadata.continue}`);
    expect(rest.json.items).toHaveLength(2);
  });
});

describe('watches', () => {
  it('see a namespace of events from a version on, and 410 before the compaction', async () => {
    await away(`${CONFIG_MAPS}/w`);
    const { json: list } = await server.client.get(CONFIG_MAPS);
    const from = list.metadata.resourceVersion as string;
    const seen: string[] = [];
    const watching = server.client.watch(
      `${CONFIG_MAPS}?watch=1&resourceVersion=${from}&timeoutSeconds=5&labelSelector=w=1`,
      (event) => seen.push(`${event.type} ${event.object.metadata.labels?.w}`),
    );
    await server.client.post(CONFIG_MAPS, { metadata: { name: 'w', labels: { w: '1' } } });
    await patch(`${CONFIG_MAPS}/w`, 'merge-patch', { data: { a: 'b' } });
    await patch(`${CONFIG_MAPS}/w`, 'merge-patch', { metadata: { labels: { w: '2' } } });
    await patch(`${CONFIG_MAPS}/w`, 'merge-patch', { metadata: { labels: { w: '1' } } });
    await server.client.send('DELETE', `${CONFIG_MAPS}/w`);
    await watching.ended;
    expect(seen).toEqual(['ADDED 1', 'MODIFIED 1', 'DELETED 1', 'ADDED 1', 'DELETED 1']);
    server.api.store.compact();
    const errors: unknown[] = [];
    await server.client.watch(`${CONFIG_MAPS}?watch=1&resourceVersion=${from}`, (event) => errors.push(event))
      .ended;
    expect(errors).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  });
});

describe('the rest', () => {
  it('has the system namespaces, scale, binding, and nobody without a token', async () => {
    const namespaces = await server.client.get('/api/v1/namespaces');
    expect(namespaces.json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    await server.client.post(deployments, { metadata: { name: 'd' }, spec: { replicas: 1 } });
    const scaled = await patch(`${deployments}/d/scale`, 'merge-patch', { spec: { replicas: 3 } });
    expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
    expect((await server.client.get(`${deployments}/d`)).json.spec.replicas).toBe(3);
    const pods = '/api/v1/namespaces/default/pods';
    await away(`${pods}/bound`);
    await server.client.post(pods, { metadata: { name: 'bound' } });
    const bound = await server.client.post(`${pods}/bound/binding`, { target: { kind: 'Node', name: 'n1' } });
    expect(bound.code).toBe(201);
    const onNode = await server.client.get(`${pods}?fieldSelector=spec.nodeName=n1`);
    expect(onNode.json.items).toHaveLength(1);
    expect((await server.client.send('GET', pods, { token: '' })).code).toBe(401);
    expect((await server.client.send('POST', CONFIG_MAPS, { body: `"${'x'.repeat(4 << 20)}"` })).code).toBe(
      413,
    );
    expect((await server.client.get('/metrics')).text).toContain('apiserver_request_total');
    expect((await server.client.send('GET', '/readyz?verbose', { token: '' })).text).toContain('[+]ping ok');
  });
});
