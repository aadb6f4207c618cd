import type { ClusterConfig } from '../../api/cluster.ts';

/** A cluster for tests: the white paper's second worker with its block pinned. */
export const CLUSTER: ClusterConfig = {
  lab: 'iks',
  podCIDR: '192.168.0.0/16',
  blockSize: 26,
  serviceCIDR: '10.96.0.0/16',
  clusterDNS: '10.96.0.10',
  clusterDomain: 'cluster.local',
  encapsulation: 'Always',
  mtu: 1440,
  natOutgoing: true,
  strictAffinity: false,
  bgp: { asNumber: 64512, keepaliveTime: 30, holdTime: 90 },
  nodes: [
    {
      name: 'worker2',
      nodeName: 'iks-networking-example-cl-iks-networ-ac625d72ba',
      role: 'worker',
      address: '10.1.110.107',
      prefixLength: 24,
      interface: 'ens192',
      podBlock: '192.168.8.192/26',
    },
  ],
};
