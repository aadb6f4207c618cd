import { afterEach, describe, expect, it } from 'vitest';
import { findCondition } from '../../api/conditions.ts';
import type {
  Deployment,
  EndpointSlice,
  Endpoints,
  Event,
  Lease,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StorageClass,
} from '../../api/objects/index.ts';
import {
  ApiError,
  DEPLOYMENTS,
  LEASES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  SERVICES,
  STORAGE_CLASSES,
} from './testing/api.ts';
import { FakeCluster } from './testing/fake-cluster.ts';

const clusters: FakeCluster[] = [];
afterEach(() => Promise.all(clusters.splice(0).map((cluster) => cluster.stop())));

async function newCluster(options: { gracePeriodMs?: number } = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster({ startMs: 10 });
  clusters.push(cluster);
  await cluster.start('roll', options.gracePeriodMs);
  return cluster;
}

function deployment(spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    metadata: { name: 'web', namespace: 'roll' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'a' }] } },
      progressDeadlineSeconds: 60,
      ...spec,
    },
  };
}

const newImage = { spec: { template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } };

describe('Deployment', () => {
  it('Recreate: no new pod before the last old one is gone', async () => {
    const cluster = await newCluster();
    await cluster.api.create<Deployment>(DEPLOYMENTS, deployment({ strategy: { type: 'Recreate' } }));
    await cluster.run(5000);
    const from = cluster.writes.length;
    await cluster.api.patch(DEPLOYMENTS, 'web', 'roll', newImage);
    await cluster.run(10_000);
    const order = cluster.writes
      .slice(from)
      .filter(({ type, resource }) => resource === 'pods' && type !== 'MODIFIED');
    expect(order.map(({ type }) => type)).toEqual(['DELETED', 'DELETED', 'ADDED', 'ADDED']);
  });

  it('tells when a rollout is stuck, and when it goes on', async () => {
    const cluster = await newCluster();
    const spec = { nodeSelector: { disk: 'none' }, containers: [{ name: 'c', image: 'a' }] };
    const template = { metadata: { labels: { app: 'web' } }, spec };
    await cluster.api.create<Deployment>(DEPLOYMENTS, deployment({ template }));
    const progressing = () => {
      const [web] = cluster.objects<Deployment>('deployments.apps');
      return findCondition(web?.status?.conditions, 'Progressing');
    };
    await cluster.run(50_000);
    expect(progressing()).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    await cluster.run(20_000);
    expect(progressing()).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    await cluster.api.patch(NODES, 'worker1', undefined, { metadata: { labels: { disk: 'none' } } });
    await cluster.run(5000);
    expect(progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  it('keeps revisionHistoryLimit old ReplicaSets', async () => {
    const cluster = await newCluster();
    await cluster.api.create<Deployment>(DEPLOYMENTS, deployment({ replicas: 1, revisionHistoryLimit: 1 }));
    for (const image of ['b', 'c', 'd']) {
      await cluster.run(5000);
      const containers = [{ name: 'c', image }];
      await cluster.api.patch(DEPLOYMENTS, 'web', 'roll', { spec: { template: { spec: { containers } } } });
    }
    await cluster.run(5000);
    const images = cluster
      .objects<ReplicaSet>('replicasets.apps')
      .map(({ spec }) => spec.template.spec.containers[0]?.image);
    expect(images.sort()).toEqual(['c', 'd']);
  });

  it('a refused pod shows as ReplicaFailure and event, and is tried again', async () => {
    const cluster = await newCluster();
    const error = new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota' });
    cluster.api.failNext('create', PODS, error);
    await cluster.api.create<Deployment>(DEPLOYMENTS, deployment());
    await cluster.settle();
    const failed = cluster.writes.some(({ object }) =>
      findCondition((object as ReplicaSet).status?.conditions, 'ReplicaFailure'),
    );
    expect(failed).toBe(true);
    await cluster.run(5000);
    expect(cluster.objects('pods')).toHaveLength(2);
    const reasons = cluster.objects<Event>('events').map(({ reason, message }) => `${reason}: ${message}`);
    expect(reasons).toContain('FailedCreate: Error creating: exceeded quota');
    const [web] = cluster.objects<Deployment>('deployments.apps');
    expect(findCondition(web?.status?.conditions, 'ReplicaFailure')).toBeUndefined();
  });
});

describe('EndpointSlices', () => {
  it('hold at most 100 endpoints', async () => {
    const cluster = await newCluster();
    const service: Service = {
      metadata: { name: 'web', namespace: 'roll' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    await cluster.api.create<Service>(SERVICES, service);
    await cluster.api.create<Deployment>(DEPLOYMENTS, deployment({ replicas: 110 }));
    await cluster.run(20_000);
    const slices = () => cluster.objects<EndpointSlice>('endpointslices.discovery.k8s.io');
    const counts = () => slices().map(({ endpoints }) => endpoints?.length ?? 0);
    expect(counts().reduce((a, b) => a + b)).toBe(110);
    expect(Math.max(...counts())).toBe(100);
    expect(counts()).toHaveLength(2);
    const addresses = new Set(
      slices().flatMap(({ endpoints }) => (endpoints ?? []).flatMap((one) => one.addresses)),
    );
    expect(addresses.size).toBe(110);
  }, 30_000);
});

describe('node life cycle', () => {
  async function silentNode(): Promise<FakeCluster> {
    const cluster = await newCluster({ gracePeriodMs: 40_000 });
    await cluster.api.create<Service>(SERVICES, {
      metadata: { name: 'web', namespace: 'roll' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    const tolerations = ['not-ready', 'unreachable'].map((name) => ({
      key: `node.kubernetes.io/${name}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    }));
    const spec = { tolerations, containers: [{ name: 'c' }] };
    await cluster.api.create<Deployment>(
      DEPLOYMENTS,
      deployment({ template: { metadata: { labels: { app: 'web' } }, spec } }),
    );
    for (const name of ['controlpl1', 'worker1', 'worker2']) {
      await cluster.api.load(LEASES, { metadata: { name, namespace: 'kube-node-lease' } });
    }
    return cluster;
  }

  /** All nodes but some renew their leases every 10 s. */
  async function live(cluster: FakeCluster, seconds: number, silent: readonly string[] = []): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 10) {
      for (const name of ['controlpl1', 'worker1', 'worker2'].filter((one) => !silent.includes(one))) {
        const renewTime = new Date(cluster.clock.now()).toISOString();
        await cluster.api.patch<Lease>(LEASES, name, 'kube-node-lease', { spec: { renewTime } });
      }
      await cluster.run(10_000);
    }
  }

  const addresses = (cluster: FakeCluster) =>
    cluster
      .objects<Endpoints>('endpoints')
      .flatMap(({ subsets }) => (subsets ?? []).flatMap((one) => one.addresses ?? []));
  const nodeNamed = (cluster: FakeCluster, name: string) =>
    cluster.objects<Node>('nodes').find(({ metadata }) => metadata.name === name);

  it('a silent node becomes Unknown and is tainted, its endpoints go, after 300 s its pods are replaced', async () => {
    const cluster = await silentNode();
    await live(cluster, 100);
    expect(addresses(cluster)).toHaveLength(2);
    await live(cluster, 50, ['worker2']);
    const node = nodeNamed(cluster, 'worker2');
    expect(findCondition(node?.status?.conditions, 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(node?.spec.taints?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'node.kubernetes.io/unreachable:NoSchedule',
      'node.kubernetes.io/unreachable:NoExecute',
    ]);
    expect(addresses(cluster).map(({ nodeName }) => nodeName)).toEqual(['worker1']);
    expect(cluster.objects<Pod>('pods').some(({ metadata }) => metadata.deletionTimestamp)).toBe(false);
    await live(cluster, 320, ['worker2']);
    expect(addresses(cluster).map(({ nodeName }) => nodeName)).toEqual(['worker1', 'worker1']);
    const reasons = cluster.objects<Event>('events').map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(['NodeNotReady', 'TaintManagerEviction']));
  });

  it('a node that comes back loses its taints and keeps its pods', async () => {
    const cluster = await silentNode();
    await live(cluster, 20);
    await live(cluster, 60, ['worker2']);
    const node = await cluster.api.get<Node>(NODES, 'worker2');
    const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: 'now' }];
    await cluster.api.updateStatus<Node>(NODES, { ...node, status: { ...node.status, conditions } });
    await live(cluster, 400);
    expect(nodeNamed(cluster, 'worker2')?.spec.taints ?? []).toEqual([]);
    expect(cluster.objects<Event>('events').map(({ reason }) => reason)).not.toContain(
      'TaintManagerEviction',
    );
  });

  it('pods stay where they are when all nodes are silent', async () => {
    const cluster = await silentNode();
    await live(cluster, 20);
    await live(cluster, 600, ['controlpl1', 'worker1', 'worker2']);
    for (const name of ['controlpl1', 'worker1', 'worker2']) {
      expect(nodeNamed(cluster, name)?.spec.taints?.map(({ effect }) => effect)).not.toContain('NoExecute');
    }
    expect(findCondition(nodeNamed(cluster, 'worker1')?.status?.conditions, 'Ready')?.status).toBe('Unknown');
    expect(cluster.objects<Event>('events').map(({ reason }) => reason)).not.toContain(
      'TaintManagerEviction',
    );
  });

  it('cordon taints, uncordon takes the taint off', async () => {
    const cluster = await newCluster();
    await cluster.api.patch(NODES, 'worker1', undefined, { spec: { unschedulable: true } });
    await cluster.settle();
    expect(nodeNamed(cluster, 'worker1')?.spec.taints?.map(({ key }) => key)).toEqual([
      'node.kubernetes.io/unschedulable',
    ]);
    await cluster.api.patch(NODES, 'worker1', undefined, { spec: { unschedulable: null } });
    await cluster.settle();
    expect(nodeNamed(cluster, 'worker1')?.spec.taints ?? []).toEqual([]);
  });
});

describe('PersistentVolumes', () => {
  it('a claim waits for its pod, gets a directory of the node, and is cleaned up', async () => {
    const cluster = await newCluster();
    const storageClass: StorageClass = {
      metadata: { name: 'standard' },
      provisioner: 'hoplab/node-directory',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    await cluster.api.load(STORAGE_CLASSES, storageClass);
    const claim: PersistentVolumeClaim = {
      metadata: { name: 'data', namespace: 'roll', finalizers: ['kubernetes.io/pvc-protection'] },
      spec: {
        storageClassName: 'standard',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    };
    await cluster.api.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, claim);
    await cluster.run(1000);
    expect(cluster.objects<Event>('events').map(({ reason }) => reason)).toContain('WaitForFirstConsumer');
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const pod: Pod = {
      metadata: { name: 'p', namespace: 'roll' },
      spec: { containers: [{ name: 'c' }], volumes },
    };
    await cluster.api.create<Pod>(PODS, pod);
    await cluster.run(1000);
    const [bound] = cluster.objects<PersistentVolumeClaim>('persistentvolumeclaims');
    const [volume] = cluster.objects<PersistentVolume>('persistentvolumes');
    const [running] = cluster.objects<Pod>('pods');
    expect(bound?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
    });
    expect(volume?.status?.phase).toBe('Bound');
    expect(volume?.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([
      running?.spec.nodeName,
    ]);

    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, 'data', 'roll');
    await cluster.run(1000);
    expect(cluster.objects('persistentvolumeclaims')).toHaveLength(1);
    await cluster.api.delete(PODS, 'p', 'roll');
    await cluster.run(5000);
    expect(cluster.objects('persistentvolumeclaims')).toHaveLength(0);
    expect(cluster.objects('persistentvolumes')).toHaveLength(0);
  });

  it('a volume that is deleted while it is bound goes when its claim has gone', async () => {
    const cluster = await newCluster();
    await cluster.api.create<PersistentVolume>(PERSISTENT_VOLUMES, {
      metadata: { name: 'kept', finalizers: ['kubernetes.io/pv-protection'] },
      spec: {
        storageClassName: 'manual',
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: '/tmp/kept' },
      },
    });
    await cluster.api.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, {
      metadata: { name: 'data', namespace: 'roll' },
      spec: {
        storageClassName: 'manual',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    });
    await cluster.run(1000);
    const phase = () => cluster.objects<PersistentVolume>('persistentvolumes')[0]?.status?.phase;
    expect(phase()).toBe('Bound');
    await cluster.api.delete(PERSISTENT_VOLUMES, 'kept', undefined);
    await cluster.run(1000);
    expect(phase()).toBe('Bound');
    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, 'data', 'roll');
    await cluster.run(1000);
    expect(cluster.objects('persistentvolumes')).toHaveLength(0);
  });
});
