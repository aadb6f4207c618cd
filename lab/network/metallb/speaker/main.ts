import { clientFromEnvironment, eventRecorder } from '../../../api/client/index.ts';
import { readNodeConfig } from '../../../api/node-config.ts';
import { goKitLog } from '../log.ts';
import { serveMetrics } from '../metrics.ts';
import { readOptions } from '../options.ts';
import { Speaker } from './speaker.ts';

// essential-metallb-speaker: answers ARP for the addresses of LoadBalancer services that this node was elected for.
const options = readOptions(process.argv.slice(2));
const { self } = readNodeConfig();
const log = goKitLog(options.release);
const client = clientFromEnvironment(options.kubeconfig, 'metallb-speaker');
const events = eventRecorder(client, {
  component: 'metallb-speaker',
  host: self.nodeName,
  onError: (error) => log.error('k8s.go:300', { op: 'event', error }),
});
const speaker = new Speaker({
  client,
  events,
  log,
  release: options.release,
  lbClass: options.lbClass,
  node: self.nodeName,
  address: self.address,
});
const server = serveMetrics(
  options.port,
  () => speaker.metrics(),
  (error) => log.error('k8s.go:300', { op: 'metrics', error }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    void speaker.stop().then(() => process.exit(0));
  });
}
log.info('main.go:81', { msg: `MetalLB speaker starting (hoplab, as version ${options.release})` });
await speaker.start();
