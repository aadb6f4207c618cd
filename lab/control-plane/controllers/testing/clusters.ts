import { afterEach } from 'vitest';
import type { Deployment } from '../../../api/objects/index.ts';
import { FakeCluster } from './fake-cluster.ts';

/** To be called once in a test file: gives each test its clusters, and ends them after it. */
export function testClusters(): (options?: { gracePeriodMs?: number }) => Promise<FakeCluster> {
  const clusters: FakeCluster[] = [];
  afterEach(() => Promise.all(clusters.splice(0).map((cluster) => cluster.stop())));
  return async (options = {}) => {
    const cluster = new FakeCluster({ startMs: 10 });
    clusters.push(cluster);
    await cluster.start('roll', options.gracePeriodMs);
    return cluster;
  };
}

/** Two pods `app=web`, in the namespace that every test cluster has. */
export function deployment(spec: Partial<Deployment['spec']> = {}): Deployment {
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
