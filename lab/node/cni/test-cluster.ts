import { PAPER_CLUSTER } from '../../api/cluster.fixture.ts';
import type { ClusterConfig } from '../../api/cluster.ts';

/** A cluster for tests: the white paper's second worker with its block pinned. */
export const CLUSTER: ClusterConfig = {
  ...PAPER_CLUSTER,
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
