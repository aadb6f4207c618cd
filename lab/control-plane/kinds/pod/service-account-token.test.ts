import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import type { KindContext } from '../../registry/kind.ts';
import { mountServiceAccountToken } from './service-account-token.ts';

/** A server that has these objects, named `resource/name`. */
const server = (...has: string[]) =>
  ({
    get: (resource: string, _: string, name: string) =>
      has.includes(`${resource}/${name}`) ? { metadata: {} } : undefined,
    random: () => 0,
  }) as unknown as KindContext;

const pod = (fields: Partial<V1Pod['spec']> = {}): V1Pod => ({
  metadata: { name: 'p', namespace: 'kube-system' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...fields },
});

const volumes = (one: V1Pod) => one.spec?.volumes?.map(({ name }) => name) ?? [];

describe('mountServiceAccountToken', () => {
  test('mounts it while the CA is not yet published: the first pods of a cluster are faster than the publisher', () => {
    const one = pod({ serviceAccountName: 'coredns' });
    mountServiceAccountToken(one, server('serviceaccounts/coredns'));
    expect(volumes(one)).toEqual(['kube-api-access-bbbbb']);
    expect(one.spec?.containers[0]?.volumeMounts).toEqual([
      {
        name: 'kube-api-access-bbbbb',
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ]);
  });
  test.each([
    ['there is no account', pod(), server()],
    [
      'the pod does not want it',
      pod({ automountServiceAccountToken: false }),
      server('serviceaccounts/default'),
    ],
    [
      'the pod is the mirror of a static one',
      { ...pod(), metadata: { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } } },
      server('serviceaccounts/default'),
    ],
  ])('mounts nothing where %s', (_, one, context) => {
    mountServiceAccountToken(one, context);
    expect(volumes(one)).toEqual([]);
  });
});
