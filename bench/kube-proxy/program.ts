import { clientFromFile } from '../../lab/api/client/index.ts';
import { klog } from '../../lab/api/klog.ts';
import { type Options, startKubeProxy } from '../../lab/network/kube-proxy/index.ts';

// kube-proxy as the node runs it, with its options in argv instead of a node's configuration.
const options = JSON.parse(process.argv[2] ?? '{}') as Options;
const stop = await startKubeProxy(
  options,
  clientFromFile(options.kubeconfig, 'kube-proxy'),
  klog('kube-proxy'),
);
process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
