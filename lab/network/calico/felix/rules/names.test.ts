import { expect, it } from 'vitest';
import { chainName } from './index.ts';

// Names read off real clusters.
it.each([
  ['cali-pri-', 'ksa.kube-system.coredns', 'cali-pri-_u2Tn2rSoAPffvE7JO6'],
  ['cali-pro-', 'kns.calico-apiserver', 'cali-pro-_kJqfZpgUe7r2t4A-14'],
  ['cali-pro-', 'ksa.calico-apiserver.calico-apiserver', 'cali-pro-_4yi5_iSUAwsU8zMHTk'],
  ['cali-pri-', 'ksa.default.default', 'cali-pri-ksa.default.default'],
  ['cali-pi-', 'default/knp.default.allow-db-access', 'cali-pi-_tTE-E7yY40ogArNVgKt'],
  ['cali-pi-', 'demo/knp.default.demo-policy', 'cali-pi-_f33B8osgBB9KBtqM0k-'],
  ['cali-pi-', 'alpha/knp.default.access-nginx', 'cali-pi-_e8MLrhOHDfNlfSa51Ak'],
  ['cali-pi-', 'alpha/knp.default.alpha-deny', 'cali-pi-_kxgQy6VBWOo3Mj1GNsy'],
  ['cali-tw-', 'cali21ac0ad37cb', 'cali-tw-cali21ac0ad37cb'],
])('%s of %s', (prefix, id, name) => {
  expect(chainName(prefix, id)).toBe(name);
});
