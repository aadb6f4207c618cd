import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { MARK, readAdminConf, renderKubeconfig } from './render.ts';

const ADMIN = `apiVersion: v1
kind: Config
clusters:
- name: other
  cluster: {server: https://example.org}
- name: iks
  cluster:
    server: https://10.1.110.28:6443
    certificate-authority-data: ${'QUJD'.repeat(100)}
contexts:
- name: admin@iks
  context: {cluster: iks, user: admin}
current-context: admin@iks
users:
- name: admin
  user: {token: s3cret}
`;

describe('readAdminConf', () => {
  it('reads the current context', () => {
    expect(readAdminConf(ADMIN)).toMatchObject({
      host: '10.1.110.28',
      port: 6443,
      user: { token: 's3cret' },
      namespace: undefined,
    });
    expect(readAdminConf(ADMIN.replace(':6443', '')).port).toBe(443);
  });

  it.each([
    ['', /cannot be read/],
    ['a: [', /cannot be read/],
    [ADMIN.replace('current-context: admin@iks', ''), /no context "undefined"/],
    [ADMIN.replace('cluster: iks,', 'cluster: ilk,'), /no cluster "ilk"/],
    [ADMIN.replace('user: admin}', 'user: eve}'), /no user "eve"/],
    [ADMIN.replace('https://10.1.110.28:6443', 'nonsense'), /Invalid URL/],
  ])('refuses what is no kubeconfig', (text, message) => {
    expect(() => readAdminConf(text)).toThrow(message);
  });
});

describe('renderKubeconfig', () => {
  it('points at the local port and keeps authority and user', () => {
    const text = renderKubeconfig('iks', readAdminConf(ADMIN), 40123);
    expect(text.startsWith(`${MARK}\n`)).toBe(true);
    expect(text).toContain(`certificate-authority-data: ${'QUJD'.repeat(100)}\n`);
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'hoplab-iks',
          cluster: {
            server: 'https://127.0.0.1:40123',
            'certificate-authority-data': 'QUJD'.repeat(100),
            'tls-server-name': 'kubernetes',
          },
        },
      ],
      users: [{ name: 'hoplab-iks', user: { token: 's3cret' } }],
      contexts: [{ name: 'hoplab-iks', context: { cluster: 'hoplab-iks', user: 'hoplab-iks' } }],
      'current-context': 'hoplab-iks',
    });
  });

  it('keeps the namespace that was chosen', () => {
    const admin = readAdminConf(ADMIN.replace('user: admin}', 'user: admin, namespace: shop}'));
    expect(parse(renderKubeconfig('iks', admin, 1)).contexts[0].context.namespace).toBe('shop');
  });
});
