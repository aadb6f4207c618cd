import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadKinds } from './support/kinds.ts';
import { startTestServer, type TestServer, withDirectory } from './support/server.ts';

const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/web';
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const clock = { now: new Date('2026-01-01T00:00:00Z') };
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ kinds: await loadKinds(), now: () => clock.now });
  await makeAccount(server);
});
afterAll(() => server.close());

async function makeAccount({ client }: TestServer): Promise<void> {
  await client.post('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'web' } });
  await client.post('/api/v1/namespaces/default/pods', {
    metadata: { name: 'p' },
    spec: { serviceAccountName: 'web', containers: [{ name: 'c', image: 'i' }] },
  });
}

async function tokenFor(spec: object): Promise<string> {
  const reply = await server.client.post(`${ACCOUNT}/token`, { spec });
  expect(reply.code, reply.text).toBe(201);
  return reply.json.status.token as string;
}

const whoAmI = (token: string, { client }: TestServer = server) =>
  client.send('POST', REVIEW, { token, body: { kind: 'SelfSubjectReview' } });
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const podRef = { kind: 'Pod', apiVersion: 'v1', name: 'p' };

describe('tokens of service accounts', () => {
  it('are who they are for', async () => {
    const account = (await server.client.get(ACCOUNT)).json;
    const token = await tokenFor({});
    expect(claimsOf(token)).toEqual({
      aud: ['https://kubernetes.default.svc.cluster.local'],
      exp: clock.now.getTime() / 1000 + 3600,
      iat: clock.now.getTime() / 1000,
      iss: 'https://kubernetes.default.svc.cluster.local',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'web', uid: account.metadata.uid } },
      nbf: clock.now.getTime() / 1000,
      sub: 'system:serviceaccount:default:web',
    });
    expect((await whoAmI(token)).json.status.userInfo).toMatchObject({
      username: 'system:serviceaccount:default:web',
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    });
    const review = { spec: { token } };
    const reviewed = await server.client.post('/apis/authentication.k8s.io/v1/tokenreviews', review);
    expect(reviewed.json.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:web' },
    });
  });

  it('live as long as was asked for', async () => {
    const token = await tokenFor({ expirationSeconds: 600 });
    const before = clock.now;
    clock.now = new Date(before.getTime() + 599_000);
    expect((await whoAmI(token)).code).toBe(201);
    clock.now = new Date(before.getTime() + 600_000);
    expect((await whoAmI(token)).code).toBe(401);
    clock.now = before;
  });

  it("of the kubelet's usual time are only warned about when that is over", async () => {
    const reply = await server.client.post(`${ACCOUNT}/token`, {
      spec: { expirationSeconds: 3607, boundObjectRef: podRef },
    });
    const claims = claimsOf(reply.json.status.token);
    expect(claims.exp - claims.iat).toBe(365 * 86_400);
    expect(claims['kubernetes.io'].warnafter - claims.iat).toBe(3607);
    expect(Date.parse(reply.json.status.expirationTimestamp) - clock.now.getTime()).toBe(3_607_000);
  });

  it('for another audience are not for the API server', async () => {
    const token = await tokenFor({ audiences: ['vault'] });
    expect((await whoAmI(token)).code).toBe(401);
    const review = { spec: { token, audiences: ['vault', 'x'] } };
    const reviewed = await server.client.post('/apis/authentication.k8s.io/v1/tokenreviews', review);
    expect(reviewed.json.status.authenticated).toBe(true);
  });

  it('end with the pod they are bound to', async () => {
    // An earlier try has deleted the pod.
    await makeAccount(server);
    const token = await tokenFor({ boundObjectRef: podRef });
    expect((await whoAmI(token)).json.status.userInfo.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
    });
    await server.client.send('DELETE', '/api/v1/namespaces/default/pods/p?gracePeriodSeconds=0');
    expect((await whoAmI(token)).code).toBe(401);
    const refused = await server.client.post(`${ACCOUNT}/token`, { spec: { boundObjectRef: podRef } });
    expect(refused.json).toMatchObject({ code: 404, message: 'pods "p" not found' });
  });

  it('end with their account, and one made again under its name is another', async () => {
    // An earlier try has deleted the account.
    await makeAccount(server);
    const token = await tokenFor({});
    await server.client.send('DELETE', ACCOUNT);
    expect((await whoAmI(token)).code).toBe(401);
    await makeAccount(server);
    expect((await whoAmI(token)).code).toBe(401);
    expect((await whoAmI(await tokenFor({}))).code).toBe(201);
  });

  it('cannot be made or changed by others', async () => {
    const token = await tokenFor({});
    const [head = '', body = '', signature = ''] = token.split('.');
    const forged = { ...claimsOf(token), sub: 'system:serviceaccount:kube-system:x' };
    const encoded = Buffer.from(JSON.stringify(forged)).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const bad of [
      `${head}.${encoded}.${signature}`,
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}`,
      `${head}.${body}`,
      'a.b.c',
      '..',
    ])
      expect((await whoAmI(bad)).code, bad).toBe(401);
  });

  it('are refused for what makes no sense', async () => {
    const messages: string[] = [];
    for (const spec of [
      { expirationSeconds: 599 },
      { expirationSeconds: 2 ** 32 + 1 },
      { expirationSeconds: 'x' },
      { audiences: 'x' },
      { boundObjectRef: { kind: 'Service', apiVersion: 'v1', name: 'p' } },
      { boundObjectRef: { ...podRef, uid: 'other' } },
    ])
      messages.push((await server.client.post(`${ACCOUNT}/token`, { spec })).json.message);
    expect(messages).toEqual([
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
      expect.stringContaining('TokenRequestSpec.spec.expirationSeconds of type int64'),
      expect.stringContaining('TokenRequestSpec.spec.audiences of type []string'),
      'cannot bind token to object of type v1, Kind=Service',
      expect.stringContaining('does not match the UID in record'),
    ]);
  });

  it('outlive a restart of the server', async () => {
    await withDirectory(async (dataDir) => {
      const kinds = await loadKinds();
      const first = await startTestServer({ kinds, dataDir });
      await makeAccount(first);
      const token = (await first.client.post(`${ACCOUNT}/token`, { spec: {} })).json.status.token as string;
      await first.close();
      const second = await startTestServer({ kinds, dataDir });
      expect((await whoAmI(token, second)).code).toBe(201);
      expect((await whoAmI(token)).code).toBe(401);
      await second.close();
    });
  });
});
