import { clientFromEnvironment } from '../../api/client/index.ts';
import { klog } from '../../api/klog.ts';
import { readNodeConfig } from '../../api/node-config.ts';
import { readOptions } from './options.ts';
import { startKubeProxy } from './start.ts';

// kube-proxy: Services and EndpointSlices of the API into iptables rules of this node.
const log = klog('kube-proxy');
let stop = async (): Promise<void> => {};
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info('Shutting down', { signal });
    void stop().then(() => process.exit(0));
  });
}

const { cluster, self } = readNodeConfig();
const options = readOptions(process.argv.slice(2), cluster, self);
stop = await startKubeProxy(options, clientFromEnvironment(options.kubeconfig, 'kube-proxy'), log);
