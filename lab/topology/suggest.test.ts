import { describe, expect, test } from 'vitest';
import { closest, didYouMean, editDistance } from './suggest.ts';

describe('did you mean', () => {
  test.each([
    ['', 'abc', 3],
    ['podCIDR', 'podCIDR', 0],
    ['adress', 'address', 1],
    ['cuont', 'count', 1],
    ['kitten', 'sitting', 3],
  ])('%s to %s takes %i edits', (a, b, edits) => {
    expect(editDistance(a, b)).toBe(edits);
    expect(editDistance(b, a)).toBe(edits);
  });

  const keys = ['podCIDR', 'serviceCIDR', 'mtu', 'nodeName', 'clusterDNS'];
  test.each([
    ['pod_cidr', 'podCIDR'],
    ['servicecidr', 'serviceCIDR'],
    ['MTU', 'mtu'],
    ['node', 'nodeName'],
    ['clusterDns', 'clusterDNS'],
    ['kubeProxy', undefined],
    ['x', undefined],
  ])('%s is %s', (word, wanted) => {
    expect(closest(word, keys)).toBe(wanted);
  });

  test('the whole choice when nothing is near', () => {
    expect(didYouMean('master', ['control-plane', 'worker'])).toBe('one of control-plane, worker');
  });
});
