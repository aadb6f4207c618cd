import { clientFromEnvironment } from '../../api/client/index.ts';
import { klog } from '../../api/klog.ts';
import { COMPONENT, type Controller, startController } from './program/controller.ts';
import { readOptions } from './program/options.ts';

// nginx-ingress-controller: Ingress objects of the API into the configuration of an nginx that it runs.
const log = klog(COMPONENT);
let controller: Controller | undefined;
for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info(`Received ${signal}, shutting down`);
    void (controller?.stop() ?? Promise.resolve()).then(() => process.exit(0));
  });
}

const options = readOptions(process.argv.slice(2), process.env);
const client = clientFromEnvironment(options.kubeconfig, COMPONENT);
log.info('NGINX Ingress controller', { ingressClass: options.ingressClass });
controller = await startController(options, client, log, (reason) => {
  log.error('NGINX process has ended', { reason });
  process.exit(1);
});
