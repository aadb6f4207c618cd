import {
  eventRecorder,
  httpsClient,
  informerFactory,
  systemClock,
  writeThrough,
} from '../../../lab/api/client/index.ts';
import type { Log } from '../../../lab/api/klog.ts';
import { controllerManager } from '../../../lab/control-plane/controllers/index.ts';
import { FakeKubelet } from '../../../lab/control-plane/controllers/testing/fake-kubelet.ts';
import type { KubeObject } from '../../../lab/control-plane/registry/index.ts';
import { scheduler } from '../../../lab/control-plane/scheduler/index.ts';
import { selfSigned } from './certificate.ts';
import { ADMIN_TOKEN } from './client.ts';
import { loadKinds } from './kinds.ts';
import { startTestServer, type TestServer } from './server.ts';

/** A server with the controllers, the scheduler and a stand-in for kubelets, in this process. */
export interface TestCluster {
  readonly server: TestServer;
  /** Waits until nothing is under way in a namespace. @throws Error with what is, after a deadline */
  settled(namespace: string): Promise<void>;
  close(): Promise<void>;
}

const DEADLINE_MS = 20_000;
const quiet = (): void => undefined;
const LOG = { info: quiet, warn: quiet, error: quiet } as unknown as Log;

export async function startTestCluster(): Promise<TestCluster> {
  const kinds = await loadKinds();
  const certificate = selfSigned();
  const server = await startTestServer({ kinds, ...certificate, advertiseAddress: '10.1.110.108' });
  const client = httpsClient({ server: server.api.url, token: ADMIN_TOKEN, ca: certificate.cert });
  const informers = informerFactory(client, { onError: quiet });
  const manager = controllerManager({
    client,
    informers,
    clock: systemClock,
    log: LOG,
    // The recorded nodes have no kubelet that would renew their leases.
    nodeMonitorGracePeriodMs: 24 * 3600_000,
    rootCA: certificate.cert,
  });
  const own = informerFactory(client, { onError: quiet });
  const events = eventRecorder(client, { component: 'default-scheduler', onError: quiet });
  const program = scheduler({
    client: writeThrough(client, own),
    informers: own,
    events,
    clock: systemClock,
    log: LOG,
  });
  const kubelet = new FakeKubelet(client, systemClock, { startMs: 1, stopMs: 1 });
  await Promise.all([informers.synced(), own.synced()]);
  manager.start();
  program.start();
  return {
    server,
    settled: (namespace) => settled(server, namespace),
    async close() {
      kubelet.stop();
      informers.stop();
      own.stop();
      await manager.stop();
      await program.stop();
      await server.close();
    },
  };
}

const WATCHED = ['namespaces', 'pods', 'deployments.apps', 'replicasets.apps', 'serviceaccounts'];

function settled({ api: { store } }: TestServer, namespace: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const finish = (error?: Error): void => {
      for (const stop of stops) stop();
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    const look = (): void => {
      if (underWay(store, namespace).length === 0) finish();
    };
    const timer = setTimeout(
      () => finish(new Error(`still under way: ${underWay(store, namespace).join(', ')}`)),
      DEADLINE_MS,
    );
    for (const resource of WATCHED) stops.push(store.listen(resource, look));
    look();
  });
}

type Store = TestServer['api']['store'];

interface Progress {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
}

/** What controllers and kubelets have still to do. */
function underWay(store: Store, namespace: string): readonly string[] {
  const objects = (resource: string): readonly KubeObject[] =>
    store.list(resource, namespace).map(({ object }) => object);
  const pods = objects('pods').filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp !== undefined ||
      (status as { phase?: string } | undefined)?.phase !== 'Running',
  );
  const sets = ['deployments.apps', 'replicasets.apps']
    .flatMap(objects)
    .filter(({ metadata, spec, status }) => {
      const { replicas } = (spec ?? {}) as { replicas?: number };
      const { observedGeneration, updatedReplicas = replicas, ...seen } = (status ?? {}) as Progress;
      const { paused } = spec as { paused?: boolean };
      const ready =
        paused || ((seen.replicas ?? 0) === replicas && (seen.availableReplicas ?? 0) === replicas);
      return (
        observedGeneration !== metadata.generation || !ready || (!paused && updatedReplicas !== replicas)
      );
    });
  const current = store.get('namespaces', undefined, namespace)?.object;
  const terminating = current?.metadata.deletionTimestamp === undefined ? [] : [current];
  const account =
    current && !store.get('serviceaccounts', namespace, 'default') ? ['serviceaccount default'] : [];
  return [
    ...account,
    ...[...pods, ...sets, ...terminating].map(({ kind, metadata }) => `${kind} ${metadata.name}`),
  ];
}
