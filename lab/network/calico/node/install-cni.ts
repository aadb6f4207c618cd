import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ClusterConfig } from '../../../api/cluster.ts';
import { CNI_CONF_PATH, cniConfList } from '../../../node/cni/conf-list.ts';
import { writeIfChanged } from '../../../node/shell/index.ts';

const SOURCE = '/opt/hoplab/cni/bin/calico';
const BIN_DIR = '/opt/cni/bin';

/** The nodes of a lab share the machine's processors: each has its pods' packets handled by one. Hexadecimal mask. */
export function processorOf(nodeIndex: number, processors = availableParallelism()): string {
  return (1 << (nodeIndex % Math.min(processors, 31))).toString(16);
}

/**
 * Puts the plugin and its configuration where the kubelet looks for them: the binary first, because the kubelet
 * starts to use a network as soon as it sees its configuration.
 */
export async function installCni(cluster: ClusterConfig, nodeName: string): Promise<void> {
  await mkdir(BIN_DIR, { recursive: true });
  const temporary = `${BIN_DIR}/.calico.${process.pid}`;
  await copyFile(SOURCE, temporary);
  await chmod(temporary, 0o755);
  await rename(temporary, `${BIN_DIR}/calico`);
  const index = cluster.nodes.findIndex((node) => node.nodeName === nodeName);
  await writeIfChanged(CNI_CONF_PATH, cniConfList(cluster, nodeName, processorOf(index)));
}
