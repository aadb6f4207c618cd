import { describe, expect, it } from 'vitest';
import type { KindContext, KubeObject } from '../../registry/index.ts';
import { ipaddresspools, l2advertisements } from '../metallb/index.ts';
import { ippools, workloadendpoints } from './index.ts';

const context = {} as KindContext;
const object = (kind: string, spec: object): KubeObject => ({
  apiVersion: '',
  kind,
  metadata: { name: 'x', namespace: 'metallb-system' },
  spec,
});
const causes = (kind: typeof ippools, spec: object, namespaced = false): string[] => {
  const given = object(kind.kind, spec);
  if (!namespaced) delete given.metadata.namespace;
  kind.defaults?.(given);
  return (kind.validate?.(given, context) ?? []).map(({ field, message }) => `${field}: ${message}`);
};

describe('WorkloadEndpoint', () => {
  // White paper, Figures 75 and 76: pod, node, address and interface of the ingress controller on worker2.
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'essential-nginx-ingress-ingress-nginx-controller-7ndcw',
      namespace: 'iks',
      resourceVersion: '7',
    },
    spec: { nodeName: 'iks-networking-example-cl-iks-networ-ac625d72ba' },
    status: { phase: 'Running', podIP: '192.168.8.193', podIPs: [{ ip: '192.168.8.193' }] },
  };

  it('is a view of a pod, with the columns of Figure 76', () => {
    const endpoint = workloadendpoints.view?.derive(pod) as KubeObject;
    expect(workloadendpoints.columns.map(({ name }) => name.toUpperCase())).toEqual([
      'WORKLOAD',
      'NODE',
      'NETWORKS',
      'INTERFACE',
    ]);
    expect(workloadendpoints.row(endpoint, new Date())).toEqual([
      pod.metadata.name,
      'iks-networking-example-cl-iks-networ-ac625d72ba',
      '192.168.8.193/32',
      'cali21ac0ad37cb',
    ]);
    expect(endpoint.metadata).toMatchObject({
      name: 'iks--networking--example--cl--iks--networ--ac625d72ba-k8s-essential--nginx--ingress--ingress--nginx--controller--7ndcw-eth0',
      namespace: 'iks',
      resourceVersion: '7',
    });
  });

  it('is none of a pod on the network of its node', () => {
    const spec = { ...(pod.spec as object), hostNetwork: true };
    expect(workloadendpoints.view?.derive({ ...pod, spec })).toBeUndefined();
    expect(workloadendpoints.view?.derive({ ...pod, status: { phase: 'Pending' } })).toBeUndefined();
  });
});

describe('IPPool', () => {
  it('is checked', () => {
    expect(causes(ippools, { cidr: '192.168.0.0/16', blockSize: 26, ipipMode: 'Always' })).toEqual([]);
    expect(causes(ippools, {})).toEqual(['spec.cidr: Required value']);
    expect(causes(ippools, { cidr: '192.168.0.0/16', ipipMode: 'Sometimes' })).toEqual([
      'spec.ipipMode: Unsupported value: "Sometimes": supported values: "Always", "CrossSubnet", "Never"',
    ]);
    expect(causes(ippools, { cidr: '192.168.0.0/28', blockSize: 26 })).toEqual([
      'spec.blockSize: Invalid value: 26: IP pool size is too small for use with Calico IPAM',
    ]);
  });
});

describe('MetalLB', () => {
  it('checks the addresses of a pool', () => {
    const addresses = ['10.1.110.105-10.1.110.106', '10.1.110.104/32'];
    expect(causes(ipaddresspools, { addresses }, true)).toEqual([]);
    expect(causes(ipaddresspools, { addresses: ['10.1.110.106-10.1.110.105', 'x'] }, true)).toEqual([
      'spec.addresses[0]: Invalid value: "10.1.110.106-10.1.110.105": invalid IP range: start is after end',
      'spec.addresses[1]: Invalid value: "x": invalid CIDR "x"',
    ]);
  });

  it('prints pools and advertisements', () => {
    const pool = object('IPAddressPool', { addresses: ['10.1.110.104/32'] });
    ipaddresspools.defaults?.(pool);
    expect(ipaddresspools.row(pool, new Date())).toEqual(['x', true, false, '["10.1.110.104/32"]']);
    const advertisement = object('L2Advertisement', { ipAddressPools: ['auto'] });
    expect(l2advertisements.row(advertisement, new Date()).slice(0, 2)).toEqual(['x', '["auto"]']);
  });
});
