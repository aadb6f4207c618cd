import { afterEach, describe, expect, it } from 'vitest';
import { loadVectors } from '../../../test/vectors/load.ts';
import type {
  ApiObject,
  DaemonSet,
  Deployment,
  Event,
  Namespace,
  Pod,
  Service,
} from '../../api/objects/index.ts';
import {
  CONFIG_MAPS,
  DAEMON_SETS,
  DEPLOYMENTS,
  type FakeWrite,
  NAMESPACES,
  PODS,
  SERVICES,
} from './testing/api.ts';
import { FakeCluster } from './testing/fake-cluster.ts';

const clusters: FakeCluster[] = [];
afterEach(() => Promise.all(clusters.splice(0).map((cluster) => cluster.stop())));

async function newCluster(namespace: string): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  clusters.push(cluster);
  await cluster.start(namespace);
  return cluster;
}

interface Entry {
  readonly step?: string;
  readonly stream?: string;
  readonly event?: { readonly type: string; readonly object: ApiObject };
}

/** The recorded events of a sequence after its first step. */
function recorded(name: string): { type: string; stream: string; object: ApiObject }[] {
  const lines = (loadVectors().get(name)?.json ?? '').trim().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as Entry);
  const first = entries.findIndex(({ step }) => step !== undefined);
  return entries.slice(first).flatMap(({ stream = '', event }) => (event ? [{ ...event, stream }] : []));
}

describe('seq-daemonset-create-update', () => {
  const daemonSet: DaemonSet = {
    metadata: {
      name: 'agent',
      namespace: 'ds',
      annotations: { 'deprecated.daemonset.template.generation': '1' },
    },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'c', image: 'busybox:1.36' }] },
      },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    },
  };

  async function run(): Promise<readonly FakeWrite[]> {
    const cluster = await newCluster('ds');
    const from = cluster.writes.length;
    await cluster.api.create<DaemonSet>(DAEMON_SETS, daemonSet);
    await cluster.run(1085);
    const containers = [{ name: 'c', image: 'busybox:1.37' }];
    await cluster.api.patch(DAEMON_SETS, 'agent', 'ds', { spec: { template: { spec: { containers } } } });
    await cluster.run(10_000);
    return cluster.writes.slice(from);
  }

  it('status of the DaemonSet, in order', async () => {
    const ours = (await run()).filter(({ resource }) => resource === 'daemonsets.apps');
    // Zero counts that the defaulting server would write into the new object.
    const zeros = {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    };
    const status = ({ object }: { object: ApiObject }) => ({ ...zeros, ...(object as DaemonSet).status });
    const theirs = recorded('seq-daemonset-create-update').filter(({ stream }) => stream === 'daemonsets');
    expect(ours.map(status)).toEqual(theirs.map(status));
  });

  it('pods and revisions, their labels, affinity and tolerations', async () => {
    const ours = await run();
    const theirs = recorded('seq-daemonset-create-update');
    const added = (writes: readonly FakeWrite[]) =>
      writes
        .filter(({ type, resource }) => type === 'ADDED' && resource === 'pods')
        .map(({ object }) => podShape(object as Pod));
    const recordedPods = theirs.filter(({ type, stream }) => type === 'ADDED' && stream === 'pods');
    expect(added(ours)).toEqual(recordedPods.map(({ object }) => podShape(object as Pod)));
    const revisions = ours.filter(({ resource }) => resource === 'controllerrevisions.apps');
    const recordedRevisions = theirs.filter(({ stream }) => stream === 'controllerrevisions');
    const revision = ({ object }: { object: ApiObject }) =>
      (object as unknown as { revision: number }).revision;
    expect(revisions.map(revision)).toEqual(recordedRevisions.map(revision));
  });

  function podShape({ metadata, spec }: Pod) {
    const {
      'controller-revision-hash': _hash,
      'pod-template-generation': _generation,
      ...labels
    } = metadata.labels ?? {};
    const { affinity, tolerations } = spec;
    return { generateName: metadata.generateName, labels, affinity, tolerations, hasHash: Boolean(_hash) };
  }
});

describe('deletions', () => {
  it('seq-delete-deploy-background: ReplicaSets go, then their pods', async () => {
    const cluster = await newCluster('roll4');
    const template = (image: string) => ({
      metadata: { labels: { app: 'lim' } },
      spec: { containers: [{ name: 'c', image }] },
    });
    await cluster.api.create<Deployment>(DEPLOYMENTS, {
      metadata: { name: 'lim', namespace: 'roll4' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'lim' } },
        template: template('a'),
        revisionHistoryLimit: 2,
      },
    });
    for (const image of ['b', 'c', 'd', 'e']) {
      await cluster.run(5000);
      await cluster.api.patch(DEPLOYMENTS, 'lim', 'roll4', { spec: { template: template(image) } });
    }
    await cluster.run(5000);
    const from = cluster.writes.length;
    await cluster.api.delete(DEPLOYMENTS, 'lim', 'roll4', { propagationPolicy: 'Background' });
    await cluster.run(5000);
    const kinds = (one: { type: string; stream: string }) => `${one.type} ${one.stream}`;
    const ours = cluster.writes
      .slice(from)
      .map(({ type, resource }) => kinds({ type, stream: resource.replace('.apps', '') }));
    const theirs = recorded('seq-delete-deploy-background').map(kinds);
    // The stand-in wrote one state more of the pod that ends.
    expect([...new Set(ours)]).toEqual([...new Set(theirs)]);
    expect(ours.filter((line) => line.startsWith('DELETED'))).toEqual(
      theirs.filter((line) => line.startsWith('DELETED')),
    );
  });

  it('a foreground deletion ends with the owner, an orphaning one leaves the pods', async () => {
    const cluster = await newCluster('roll');
    const make = (name: string): Deployment => ({
      metadata: { name, namespace: 'roll' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    });
    await cluster.api.create<Deployment>(DEPLOYMENTS, make('a'));
    await cluster.api.create<Deployment>(DEPLOYMENTS, make('b'));
    await cluster.run(5000);
    const from = cluster.writes.length;
    await cluster.api.delete(DEPLOYMENTS, 'a', 'roll', { propagationPolicy: 'Foreground' });
    await cluster.api.delete(DEPLOYMENTS, 'b', 'roll', { propagationPolicy: 'Orphan' });
    await cluster.run(5000);
    const deleted = cluster.writes.slice(from).filter(({ type }) => type === 'DELETED');
    const order = deleted
      .filter(({ object }) => object.metadata.name?.startsWith('a'))
      .map(({ resource }) => resource);
    expect(order).toEqual(['pods', 'pods', 'replicasets.apps', 'deployments.apps']);
    const left = cluster.objects<Deployment>('replicasets.apps');
    expect(left.map(({ metadata }) => [metadata.name?.slice(0, 1), metadata.ownerReferences])).toEqual([
      ['b', undefined],
    ]);
    expect(cluster.objects('pods')).toHaveLength(2);
  });

  it('seq-namespace-lifecycle: conditions and order', async () => {
    const cluster = await newCluster('nslife');
    await cluster.api.load(CONFIG_MAPS, { metadata: { name: 'cm', namespace: 'nslife' } });
    await cluster.api.create<Pod>(PODS, {
      metadata: { name: 'p', namespace: 'nslife' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    await cluster.run(3000);
    const from = cluster.writes.length;
    await cluster.api.delete(NAMESPACES, 'nslife');
    await cluster.run(10_000);
    const shape = ({ type, object }: { type: string; object: ApiObject }) => {
      const { status } = object as Namespace;
      const conditions = (status?.conditions ?? []).map(({ lastTransitionTime: _time, ...rest }) => rest);
      return { type, name: object.metadata.name, phase: status?.phase, conditions };
    };
    const ours = cluster.writes.slice(from).filter(({ resource }) => resource === 'namespaces');
    const theirs = recorded('seq-namespace-lifecycle').filter(
      ({ stream, object }) => stream === 'namespaces' && object.metadata.deletionTimestamp,
    );
    expect(ours.map(shape)).toEqual(theirs.map(shape));
    const left = ['pods', 'configmaps', 'serviceaccounts', 'events'].flatMap((resource) =>
      cluster.objects<Event>(resource).filter(({ metadata }) => metadata.namespace === 'nslife'),
    );
    expect(left).toEqual([]);
  });
});

describe('seq-ep-selector-and-port-change', () => {
  it('every change of the service is one write of its Endpoints and one of its slice', async () => {
    const cluster = await newCluster('ep-misc');
    for (const [name, ip] of [
      ['run', '10.244.1.251'],
      ['hostnet', '10.1.110.107'],
    ] as const) {
      const lastTransitionTime = '2026-11-20T00:00:00Z';
      await cluster.api.load(PODS, {
        metadata: { name, namespace: 'ep-misc', labels: { app: 'web' } },
        spec: { nodeName: 'worker1', containers: [{ name: 'c' }] },
        status: {
          phase: 'Running',
          podIP: ip,
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
        },
      } as Pod);
    }
    await cluster.api.create<Service>(SERVICES, {
      metadata: { name: 'web', namespace: 'ep-misc' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }], clusterIP: '10.96.52.6' },
    });
    await cluster.run(10);
    const steps: unknown[] = [
      { spec: { ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }] } },
      { spec: { ports: [{ name: 'web', port: 80, protocol: 'TCP', targetPort: 8080 }] } },
      { spec: { selector: { app: 'none' } } },
      { spec: { selector: { app: 'web' } } },
      { metadata: { labels: { a: 'b' } } },
      { spec: { selector: null } },
    ];
    const ours: string[][] = [];
    for (const step of steps) {
      const from = cluster.writes.length;
      await cluster.api.patch(SERVICES, 'web', 'ep-misc', step);
      await cluster.run(10);
      ours.push(
        cluster.writes
          .slice(from)
          .map(({ type, resource }) => `${type} ${resource.split('.')[0]}`)
          .sort(),
      );
    }
    const changed = ['MODIFIED endpoints', 'MODIFIED endpointslices', 'MODIFIED services'];
    // Without a selector the Endpoints stay, and are mirrored from then on.
    expect(ours).toEqual([...Array(5).fill(changed), ['ADDED endpointslices', 'MODIFIED services']]);
  });
});
