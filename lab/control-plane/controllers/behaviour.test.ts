import { describe, expect, it } from 'vitest';
import { findCondition } from '../../api/conditions.ts';
import type { Deployment, EndpointSlice, Event, ReplicaSet, Service } from '../../api/objects/index.ts';
import { ApiError, DEPLOYMENTS, NODES, PODS, SERVICES } from './testing/api.ts';
import { deployment, testClusters } from './testing/clusters.ts';

const newCluster = testClusters();

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
