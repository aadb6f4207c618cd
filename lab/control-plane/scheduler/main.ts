import {
  clientFromFile,
  eventRecorder,
  informerFactory,
  systemClock,
  writeThrough,
} from '../../api/client/index.ts';
import { klog } from '../../api/klog.ts';
import { readOptions } from '../controllers/options.ts';
import { serverUp } from '../controllers/served.ts';
import { scheduler } from './scheduler.ts';

// kube-scheduler: assigns pods to nodes.
const log = klog('kube-scheduler');
const options = readOptions(process.argv.slice(2), '/etc/kubernetes/scheduler.json');
const direct = clientFromFile(options.kubeconfig, 'kube-scheduler');
let stop = async (): Promise<void> => {};
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info('Shutting down', { signal });
    void stop().then(() => process.exit(0));
  });
}
log.info('Starting', { kubeconfig: options.kubeconfig });
await serverUp(direct, (error) => log.info('Waiting for the API server', { err: error }));
const informers = informerFactory(direct, {
  onError: (resource, error) => log.warn('Watching failed, will retry', { resource, err: error }),
});
const events = eventRecorder(direct, {
  component: 'default-scheduler',
  onError: (error) => log.warn('Event was lost', { err: error }),
});
const program = scheduler({
  client: writeThrough(direct, informers),
  informers,
  events,
  clock: systemClock,
  log,
});

stop = async () => {
  informers.stop();
  await program.stop();
};
await informers.synced();
log.info('Caches are synced');
program.start();
