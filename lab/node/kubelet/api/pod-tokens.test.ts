import { expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import { type ApiClient, ApiError } from '../../../api/client/index.ts';
import type { Pod } from '../../runtime/index.ts';
import { podTokens } from './pod-tokens.ts';

const pod: Pod = {
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { serviceAccountName: 'web', containers: [{ name: 'c', image: 'i' }] },
};
const NOW = Date.UTC(2026, 10, 20, 11);
const unreachable = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A server that hands out t1, t2, … or fails. */
function tokens() {
  const state = { now: NOW, bodies: [] as unknown[], fail: undefined as Error | undefined };
  const client: ApiClient = Object.assign(new FakeApi(), {
    async create(ref: { plural: string }, body: object, options?: { subresource?: string }) {
      if (state.fail !== undefined) throw state.fail;
      state.bodies.push([ref.plural, options?.subresource, body]);
      const expirationTimestamp = new Date(state.now + 1000 * 1000).toISOString();
      return { ...body, status: { token: `t${state.bodies.length}`, expirationTimestamp } };
    },
  }) as never;
  return { state, tokens: podTokens(client, () => state.now) };
}
const source = { path: 'token', expirationSeconds: 3607 };

it('asks for a token bound to the pod, once, and for another at 80 % of its life', async () => {
  const { state, tokens: of } = tokens();
  const both = await Promise.all([of.token(pod, source), of.token(pod, source)]);
  expect(both.map(({ token }) => token)).toEqual(['t1', 't1']);
  expect(state.bodies).toEqual([
    [
      'serviceaccounts',
      'token',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: 'web', namespace: 'd' },
        spec: {
          expirationSeconds: 3607,
          boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'u' },
        },
      },
    ],
  ]);
  expect(both[0].refreshAt).toBe(NOW + 800_000);
  state.now = NOW + 799_000;
  expect((await of.token(pod, source)).token).toBe('t1');
  state.now = NOW + 800_000;
  expect((await of.token(pod, source)).token).toBe('t2');
  expect((await of.token(pod, { ...source, audience: 'vault' })).token).toBe('t3');
  of.forget('u');
  expect((await of.token(pod, source)).token).toBe('t4');
});

it('keeps an old token while the API server is away', async () => {
  const { state, tokens: of } = tokens();
  await of.token(pod, source);
  state.fail = unreachable();
  state.now = NOW + 2_000_000;
  expect(await of.token(pod, source)).toMatchObject({ token: 't1', refreshAt: state.now + 30_000 });
});

it('tells a server without tokens from an account that does not exist', async () => {
  const { state, tokens: of } = tokens();
  state.fail = new ApiError({ code: 404, message: 'the server could not find the requested resource' });
  expect(await of.token(pod, source)).toEqual({
    token: '',
    refreshAt: NOW + 30_000,
    problem: 'failed to fetch token: the server could not find the requested resource',
  });
  const message = 'serviceaccounts "web" not found';
  state.fail = new ApiError({ code: 404, message, details: { name: 'web', kind: 'serviceaccounts' } });
  await expect(of.token(pod, source)).rejects.toThrow(`failed to fetch token: ${message}`);
  state.fail = unreachable();
  await expect(of.token(pod, source)).rejects.toThrow('failed to fetch token: connect ECONNREFUSED');
});
