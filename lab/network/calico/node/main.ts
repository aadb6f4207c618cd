import { clientFromFile } from '../../../api/client/index.ts';
import { readNodeConfig } from '../../../api/node-config.ts';
import { startCommandRunner } from '../../../node/shell/index.ts';
import { CalicoNode } from './calico-node.ts';

// calico-node: Felix (tunl0, ip sets, chains), BIRD with its generated configuration, and the CNI plugin's
// installer, in the one process that the calico-node pod runs.
startCommandRunner();
const CLIENT_FILE = '/etc/kubernetes/calico-node.json';
const { cluster, self } = readNodeConfig();
const calico = new CalicoNode({
  cluster,
  self,
  clientFile: CLIENT_FILE,
  client: clientFromFile(CLIENT_FILE, 'calico-node'),
  log: (line) => console.error(`${new Date().toISOString()} ${line}`),
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => void calico.stop().then(() => process.exit(0)));
}
await calico.start();
