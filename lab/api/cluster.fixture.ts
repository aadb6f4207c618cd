import type { ClusterConfig, NodeConfig } from './cluster.ts';

const node = (name: string, nodeName: string, address: string): NodeConfig => ({
  name,
  nodeName,
  role: name === 'controlpl1' ? 'control-plane' : 'worker',
  address,
  prefixLength: 24,
  interface: 'ens192',
});

/** The white paper's cluster, for tests: `topologies/iks.yaml` as the nodes are told of it. */
export const PAPER_CLUSTER: ClusterConfig = {
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
  reservedCIDRs: [],
  bgp: { asNumber: 64512, keepaliveTime: 5, holdTime: 15 },
  kubeProxy: { rules: '1.20', syncPeriod: 30, minSyncPeriod: 0 },
  controllers: { nodeMonitorGracePeriod: 40, podEvictionTimeout: 300 },
  loadBalancer: {},
  nodes: [
    node('controlpl1', 'iks-networking-example-cl-controlpl-1c6b752d90', '10.1.110.108'),
    node('worker1', 'iks-networking-example-cl-iks-networ-7ab29bc950', '10.1.110.102'),
    node('worker2', 'iks-networking-example-cl-iks-networ-ac625d72ba', '10.1.110.107'),
  ],
};
