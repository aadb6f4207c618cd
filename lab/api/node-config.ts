import { readFileSync } from 'node:fs';
import { CLUSTER_CONFIG_PATH, type ClusterConfig, NODE_ENV, type NodeConfig } from './cluster.ts';

/**
 * What an in-node program starts from: the cluster and its own node.
 *
 * @throws Error when the lab did not put the file there or the node is not in it
 */
export function readNodeConfig(): { cluster: ClusterConfig; self: NodeConfig } {
  const cluster = JSON.parse(readFileSync(CLUSTER_CONFIG_PATH, 'utf8')) as ClusterConfig;
  const name = process.env[NODE_ENV] ?? readFileSync('/etc/hoplab/node-name', 'utf8').trim();
  const self = cluster.nodes.find((node) => node.name === name);
  if (!self) throw new Error(`${CLUSTER_CONFIG_PATH} has no node "${name}"`);
  return { cluster, self };
}
