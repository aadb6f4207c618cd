import type { ClusterConfig } from '../../api/cluster.ts';
import { poolConfig } from '../../network/calico/ipam/index.ts';
import { POD_ANNOTATIONS_CAPABILITY } from './config.ts';
import { LATEST_VERSION } from './versions.ts';

/** Name of the network in the list: the first part of every pod's IPAM handle. */
export const NETWORK_NAME = 'k8s-pod-network';
/** Where calico-node puts the list. */
export const CNI_CONF_PATH = '/etc/cni/net.d/10-calico.conflist';
/** The shared directory that is Calico's datastore. */
export const DATASTORE_PATH = '/var/lib/calico/datastore';

/**
 * Text of the network configuration list for a node. Calico writes cniVersion 0.3.1; CHECK exists from 0.4.0 on.
 *
 * @param nodeName the Kubernetes node name
 * @param rpsCpus processors that handle the pods' packets, a hexadecimal mask
 */
export function cniConfList(config: ClusterConfig, nodeName: string, rpsCpus?: string): string {
  const pool = poolConfig(config);
  const calico = {
    type: 'calico',
    log_file_path: '/var/log/calico/cni/cni.log',
    datastore_type: 'file',
    datastore_path: DATASTORE_PATH,
    nodename: nodeName,
    mtu: config.mtu,
    ...(rpsCpus === undefined ? {} : { rps_cpus: rpsCpus }),
    ipam: {
      type: 'calico-ipam',
      ipv4_pools: [pool.cidr],
      block_size: pool.blockSize,
      strict_affinity: pool.strictAffinity,
      pinned_blocks: pool.pinnedBlocks,
    },
    capabilities: { [POD_ANNOTATIONS_CAPABILITY]: true },
  };
  return `${JSON.stringify({ name: NETWORK_NAME, cniVersion: LATEST_VERSION, plugins: [calico] }, null, 2)}\n`;
}
