import { expect, it } from 'vitest';
import { vethName } from './index.ts';

// Pairs of the white paper's `ip route` output and of dumps of real clusters.
it.each([
  ['iks', 'ccp-helm-operator-75459749b7-pwd9n', 'calia3d29bea0dc'],
  ['iks', 'essential-cert-manager-655bcdf95b-rvsj4', 'cali3f20c28c14b'],
  ['iks', 'essential-cert-manager-cainjector-7696469f9c-n9d4m', 'cali33db9c276ba'],
  ['iks', 'essential-cert-manager-webhook-56f654c674-gdlmb', 'calib83b3d6d156'],
  ['iks', 'essential-metallb-controller-647bbb85b7-s924w', 'calia4af789ad23'],
  ['iks', 'essential-nginx-ingress-ingress-nginx-controller-7ndcw', 'cali21ac0ad37cb'],
  ['iks', 'essential-nginx-ingress-ingress-nginx-controller-pxj46', 'cali7394c99cdd4'],
  ['iks', 'essential-nginx-ingress-ingress-nginx-defaultbackend-66cbc6mc9p', 'calie2fddf4fd4b'],
  ['iks', 'essential-registry-docker-registry-75b84457f4-plx9h', 'calib2d89a1b0f3'],
  ['kube-system', 'coredns-5fcb66c999-c7hvs', 'cali148b7202262'],
  ['kube-system', 'coredns-5fcb66c999-lpl8m', 'cali8d8a05feee4'],
  ['default', 'wordpress-frontend-7b884dd698-d8w44', 'cali11aba968e90'],
  ['kube-system', 'nvidia-device-plugin-daemonset-mklzp', 'calibd1ca548147'],
  ['kube-system', 'vsphere-csi-node-c8pzs', 'cali30a777a3d43'],
])('%s/%s has the host end %s', (namespace, pod, name) => {
  expect(vethName(namespace, pod)).toBe(name);
});

it('takes another prefix', () => {
  expect(vethName('demo', 'server', 'azv')).toBe('azve0cf0fbcf9f');
});
