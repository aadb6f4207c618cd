import type { ClusterConfig } from '../../../api/cluster.ts';
import { CALICO_KUBECONFIG_PATH, CNI_VERSION, POD_ANNOTATIONS_CAPABILITY } from '../../../api/cni.ts';
import { poolConfig } from '../ipam/index.ts';

/** Name of the network in the list: the first part of every pod's IPAM handle. */
const NETWORK_NAME = 'k8s-pod-network';

/**
 * Text of the network configuration list for a node. Calico writes cniVersion 0.3.1; CHECK exists from 0.4.0 on. The
 * pool's size, the pinned blocks and the reserved addresses stand here, and not only in the API, because every pod waits
 * for what the plugin has to ask.
 *
 * @param nodeName the Kubernetes node name
 * @param rpsCpus processors that handle the pods' packets, a hexadecimal mask
 */
export function cniConfList(config: ClusterConfig, nodeName: string, rpsCpus?: string): string {
  const pool = poolConfig(config);
  const calico = {
    type: 'calico',
    log_file_path: '/var/log/calico/cni/cni.log',
    datastore_type: 'kubernetes',
    nodename: nodeName,
    mtu: config.mtu,
    ...(rpsCpus === undefined ? {} : { rps_cpus: rpsCpus }),
    ipam: {
      type: 'calico-ipam',
      ipv4_pools: [pool.cidr],
      block_size: pool.blockSize,
      strict_affinity: pool.strictAffinity,
      pinned_blocks: pool.pinnedBlocks,
      reserved_cidrs: pool.reservedCIDRs,
    },
    kubernetes: { kubeconfig: CALICO_KUBECONFIG_PATH },
    capabilities: { [POD_ANNOTATIONS_CAPABILITY]: true },
  };
  return `${JSON.stringify({ name: NETWORK_NAME, cniVersion: CNI_VERSION, plugins: [calico] }, null, 2)}\n`;
}
