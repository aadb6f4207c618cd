import { eventRecorder, systemClock, writeThrough } from '../../api/client/index.ts';
import { runProgram } from '../controllers/program.ts';
import { scheduler } from './scheduler.ts';

// kube-scheduler: assigns pods to nodes.
await runProgram('kube-scheduler', '/etc/kubernetes/scheduler.json', ({ client, informers, log }) =>
  scheduler({
    client: writeThrough(client, informers),
    informers,
    events: eventRecorder(client, {
      component: 'default-scheduler',
      onError: (error) => log.warn('Event was lost', { err: error }),
    }),
    clock: systemClock,
    log,
  }),
);
