import { chmod, copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ClusterConfig } from '../../../api/cluster.ts';
import { CALICO_KUBECONFIG_PATH, CNI_CONF_PATH } from '../../../api/cni.ts';
import { writeIfChanged } from '../../../node/shell/index.ts';
import { cniConfList } from './conf-list.ts';
import { cniKubeconfig } from './kubeconfig.ts';

const SOURCE = '/opt/hoplab/cni/bin/calico';
const BIN_DIR = '/opt/cni/bin';

/** The nodes of a lab share the machine's processors: each has its pods' packets handled by one. Hexadecimal mask. */
export function processorOf(nodeIndex: number, processors = availableParallelism()): string {
  return (1 << (nodeIndex % Math.min(processors, 31))).toString(16);
}

/**
 * Puts the plugin and its configuration where the kubelet looks for them: the configuration last, because the kubelet
 * starts to use a network as soon as it sees that.
 *
 * @param clientFile calico-node's own way to the API, which the plugin gets as well
 */
export async function installCni(
  cluster: ClusterConfig,
  nodeName: string,
  clientFile: string,
): Promise<void> {
  await mkdir(BIN_DIR, { recursive: true });
  const temporary = `${BIN_DIR}/.calico.${process.pid}`;
  await copyFile(SOURCE, temporary);
  await chmod(temporary, 0o755);
  await rename(temporary, `${BIN_DIR}/calico`);
  const { server, token, caFile } = JSON.parse(await readFile(clientFile, 'utf8'));
  const kubeconfig = cniKubeconfig({ server, token, ca: await readFile(caFile, 'utf8') });
  await writeIfChanged(CALICO_KUBECONFIG_PATH, kubeconfig, 0o600);
  const index = cluster.nodes.findIndex((node) => node.nodeName === nodeName);
  await writeIfChanged(CNI_CONF_PATH, cniConfList(cluster, nodeName, processorOf(index)));
}
