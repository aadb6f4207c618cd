import { describe, expect, it } from 'vitest';
import { findCondition } from '../../api/conditions.ts';
import type { Deployment, Endpoints, Event, Lease, Node, Pod, Service } from '../../api/objects/index.ts';
import { DEPLOYMENTS, LEASES, NODES, SERVICES } from './testing/api.ts';
import { deployment, testClusters } from './testing/clusters.ts';
import type { FakeCluster } from './testing/fake-cluster.ts';

const newCluster = testClusters();

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
