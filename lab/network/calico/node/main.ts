import { readNodeConfig } from '../../../api/node-config.ts';
import { CalicoNode } from './calico-node.ts';

// calico-node: Felix (tunl0, ip sets, chains), BIRD with its generated configuration, and the CNI plugin's
// installer, in the one process that the calico-node pod runs.
const { cluster, self } = readNodeConfig();
const calico = new CalicoNode(cluster, self, (line) => console.error(`${new Date().toISOString()} ${line}`));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => void calico.stop().then(() => process.exit(0)));
}
await calico.start();
