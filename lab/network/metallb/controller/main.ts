import { clientFromEnvironment, eventRecorder } from '../../../api/client/index.ts';
import { goKitLog } from '../log.ts';
import { serveMetrics } from '../metrics.ts';
import { readOptions } from '../options.ts';
import { Controller } from './controller.ts';

// essential-metallb-controller: addresses for services of type LoadBalancer.
const options = readOptions(process.argv.slice(2));
const log = goKitLog(options.release);
const client = clientFromEnvironment(options.kubeconfig, 'metallb-controller');
const events = eventRecorder(client, {
  component: 'metallb-controller',
  onError: (error) => log.error('k8s.go:300', { op: 'event', error }),
});
const controller = new Controller({
  client,
  events,
  log,
  release: options.release,
  lbClass: options.lbClass,
});
const server = serveMetrics(
  options.port,
  () => controller.metrics(),
  (error) => log.error('k8s.go:300', { op: 'metrics', error }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    void controller.stop().then(() => process.exit(0));
  });
}
log.info('main.go:150', { msg: `MetalLB controller starting (hoplab, as version ${options.release})` });
await controller.start();
