import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKinds } from './support/kinds.ts';
import { startTestServer, type TestServer } from './support/server.ts';

const PROTOBUF = { 'Content-Type': 'application/vnd.kubernetes.protobuf' };
/** What `kubectl create configmap cm --from-literal=a=1` of kubectl 1.32.3 sends. */
const CONFIG_MAP = Buffer.from(
  'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhwKEgoCY20SABoAIgAqADIAOABCABIGCgFhEgExGgAiAA==',
  'base64',
);
const MAPS = '/api/v1/namespaces/default/configmaps';
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    kinds: await loadKinds(),
    notReadyTolerationSeconds: 30,
    unreachableTolerationSeconds: 40,
  });
});
afterAll(() => server.close());

/** Takes away what an earlier try of a test has left. */
const away = (path: string) => server.client.send('DELETE', `${path}?gracePeriodSeconds=0`);

describe('bodies in protobuf', () => {
  it('are objects as those in JSON', async () => {
    const headers = { ...PROTOBUF, Accept: 'application/vnd.kubernetes.protobuf,application/json' };
    await away(`${MAPS}/cm`);
    const made = await server.client.send('POST', `${MAPS}?fieldValidation=Strict`, {
      headers,
      body: CONFIG_MAP,
    });
    expect(made.code, made.text).toBe(201);
    expect(made.headers['content-type']).toBe('application/json');
    expect(made.json).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'cm' }, data: { a: '1' } });
    const again = await server.client.send('POST', MAPS, { headers, body: CONFIG_MAP });
    expect(again.json).toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });

  it('are refused with a Status when they are none, of another kind, or of a kind that has no such form', async () => {
    const send = async (path: string, body: Buffer | string) =>
      (await server.client.send('POST', path, { headers: PROTOBUF, body })).json;
    expect(await send(MAPS, '{}')).toMatchObject({
      code: 400,
      message: expect.stringContaining('expected prefix [107 56 115 0]'),
    });
    expect(await send(MAPS, CONFIG_MAP.subarray(0, 30))).toMatchObject({
      code: 400,
      message: expect.stringContaining('unexpected EOF'),
    });
    expect(await send('/api/v1/namespaces/default/secrets', CONFIG_MAP)).toMatchObject({
      code: 400,
      message: expect.stringContaining('ConfigMap in version "v1" cannot be handled as a Secret'),
    });
    const pool = Buffer.from(CONFIG_MAP.toString('latin1').replace('ConfigMap', 'ConfigMop'), 'latin1');
    expect(await send(MAPS, pool)).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  });
});

it('/openapi/v2 is protobuf for clients that take nothing else', async () => {
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const get = (value: string) => server.client.send('GET', '/openapi/v2', { headers: { Accept: value } });
  const binary = await get(accept);
  // Go's mime package refuses the @.
  expect(binary.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect(binary.text).toContain('io.k8s.api.core.v1.PodSpec');
  expect((await get(`${accept},application/json`)).json.swagger).toBe('2.0');
  expect((await get('application/x+protobuf')).code).toBe(406);
});

it('a PUT for an object that was made again is a conflict, a PATCH of the uid is invalid', async () => {
  const path = `${MAPS}/twice`;
  await away(path);
  const made = (await server.client.post(MAPS, { metadata: { name: 'twice' } })).json;
  const put = await server.client.send('PUT', path, {
    body: { metadata: { name: 'twice', uid: 'other' }, data: {} },
  });
  expect(put.json).toMatchObject({
    code: 409,
    message: `Operation cannot be fulfilled on configmaps "twice": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/twice, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${made.metadata.uid}`,
  });
  const patch = await server.client.send('PATCH', path, {
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { metadata: { uid: 'other' } },
  });
  expect(patch.json).toMatchObject({ code: 422, reason: 'Invalid' });
});

it('empty lists are not stored, as Go leaves them out', async () => {
  const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
  const spec = { podSelector: {}, ingress: [], policyTypes: ['Ingress'] };
  await away(`${policies}/none`);
  const made = await server.client.post(policies, { metadata: { name: 'none' }, spec });
  expect(made.json.spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'] });
});

it('pods tolerate nodes that are not ready as long as the flags say', async () => {
  const spec = { containers: [{ name: 'c', image: 'i' }] };
  await away('/api/v1/namespaces/default/pods/p');
  const made = await server.client.post('/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec });
  expect(made.json.spec.tolerations).toEqual([
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 40 },
  ]);
});
