import { readFileSync } from 'node:fs';
import { clientFromFile, informerFactory, systemClock } from '../../api/client/index.ts';
import { klog } from '../../api/klog.ts';
import { startAddons } from './addons/addons.ts';
import { controllerManager } from './manager.ts';
import { readOptions } from './options.ts';
import { COLLECTABLE } from './resources.ts';
import { servedResources, serverUp } from './served.ts';

// kube-controller-manager: all controllers over one set of informers.
const log = klog('kube-controller-manager');
const options = readOptions(process.argv.slice(2), '/etc/kubernetes/controller-manager.json');
const client = clientFromFile(options.kubeconfig, 'kube-controller-manager');

let stop = async (): Promise<void> => {};
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info('Shutting down', { signal });
    void stop().then(() => process.exit(0));
  });
}

log.info('Starting', { kubeconfig: options.kubeconfig });
await serverUp(client, (error) => log.info('Waiting for the API server', { err: error }));
const stopAddons = options.addonsDir === undefined ? () => {} : startAddons(options.addonsDir, client, log);
const collectable = await servedResources(client, COLLECTABLE);
const informers = informerFactory(client, {
  onError: (resource, error) => log.warn('Watching failed, will retry', { resource, err: error }),
});
const manager = controllerManager({
  client,
  informers,
  clock: systemClock,
  log,
  collectable,
  nodeMonitorGracePeriodMs: options.nodeMonitorGracePeriodMs,
  rootCA: options.rootCaFile === undefined ? undefined : readFileSync(options.rootCaFile, 'utf8'),
});
stop = async () => {
  stopAddons();
  informers.stop();
  await manager.stop();
};
await informers.synced();
log.info('Caches are synced');
manager.start();
