import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../registry/index.ts';
import { fromOldIngress, toOldIngress } from './old-versions.ts';

// The Ingress of the white paper's guestbook (Figure 117 and around), as it is written there.
const old: KubeObject = {
  apiVersion: 'extensions/v1beta1',
  kind: 'Ingress',
  metadata: { name: 'guestbook', annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
  spec: {
    backend: { serviceName: 'default', servicePort: 'http' },
    rules: [
      { http: { paths: [{ path: '/guestbook', backend: { serviceName: 'frontend', servicePort: 80 } }] } },
      { host: 'a' },
    ],
  },
};

describe('an Ingress of v1beta1', () => {
  it('becomes one of v1', () => {
    expect(fromOldIngress(old)).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: old.metadata,
      spec: {
        defaultBackend: { service: { name: 'default', port: { name: 'http' } } },
        rules: [
          {
            http: {
              paths: [
                {
                  path: '/guestbook',
                  pathType: 'ImplementationSpecific',
                  backend: { service: { name: 'frontend', port: { number: 80 } } },
                },
              ],
            },
          },
          { host: 'a' },
        ],
      },
    });
  });

  it('comes back as it was, with the type of its path', () => {
    const back = toOldIngress(fromOldIngress(old), 'extensions/v1beta1');
    const expected = structuredClone(old) as unknown as { spec: { rules: { http?: { paths: object[] } }[] } };
    Object.assign(expected.spec.rules[0]?.http?.paths[0] ?? {}, { pathType: 'ImplementationSpecific' });
    expect(back).toEqual(expected);
  });
});
