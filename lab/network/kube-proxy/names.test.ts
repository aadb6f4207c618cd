import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { endpointChainName, servicePortHash, servicePortName } from './names.ts';

interface Vectors {
  readonly kubeProxyService: readonly { spn: string; proto: string; hash: string }[];
  readonly kubeProxyEndpoint: readonly { spn: string; proto: string; endpoint: string; hash: string }[];
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/hashes.json', import.meta.url), 'utf8'),
);

it('hashes every service port and endpoint of the vectors', () => {
  expect(vectors.kubeProxyService.length).toBeGreaterThan(20);
  expect(vectors.kubeProxyEndpoint.length).toBeGreaterThan(20);
  for (const { spn, proto, hash } of vectors.kubeProxyService)
    expect(servicePortHash(spn, proto), spn).toBe(hash);
  for (const { spn, proto, endpoint, hash } of vectors.kubeProxyEndpoint) {
    expect(endpointChainName(spn, proto, endpoint), `${spn} ${endpoint}`).toBe(`KUBE-SEP-${hash}`);
  }
});

it('names a port without a name after its service alone', () => {
  expect(servicePortName('default', 'frontend', '')).toBe('default/frontend');
  expect(servicePortName('kube-system', 'kube-dns', 'dns')).toBe('kube-system/kube-dns:dns');
});
