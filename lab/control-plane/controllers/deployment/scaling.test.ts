import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../api/objects/index.ts';
import { proportionalSizes } from './proportions.ts';
import { maxSurge, maxUnavailable } from './replica-counts.ts';

function deployment(replicas: number, surge: number | string, unavailable: number | string): Deployment {
  const rollingUpdate = { maxSurge: surge, maxUnavailable: unavailable };
  const template = { spec: { containers: [] } };
  return {
    metadata: {},
    spec: { replicas, selector: {}, template, strategy: { type: 'RollingUpdate', rollingUpdate } },
  };
}

function replicaSet(name: string, replicas: number, max: number, second = 0): ReplicaSet {
  const creationTimestamp = `2026-11-20T00:00:0${second}Z`;
  const annotations = { 'deployment.kubernetes.io/max-replicas': String(max) };
  const spec = { replicas, selector: {}, template: { spec: { containers: [] } } };
  return { metadata: { name, creationTimestamp, annotations }, spec };
}

const sizes = (target: Deployment, sets: readonly ReplicaSet[]) =>
  Object.fromEntries(
    proportionalSizes(target, sets).map(({ replicaSet: { metadata }, size }) => [metadata.name, size]),
  );

describe('surge and unavailability', () => {
  const cases: [number, number | string, number | string, number, number][] = [
    [10, '25%', '25%', 3, 2],
    [3, '25%', '25%', 1, 0],
    [1, '25%', '25%', 1, 0],
    [4, 0, 0, 0, 1],
    [2, '100%', 5, 2, 2],
    [0, '25%', '25%', 0, 0],
  ];
  for (const [replicas, surge, unavailable, wantedSurge, wantedUnavailable] of cases) {
    it(`${replicas} replicas, ${surge} and ${unavailable}`, () => {
      const target = deployment(replicas, surge, unavailable);
      expect([maxSurge(target), maxUnavailable(target)]).toEqual([wantedSurge, wantedUnavailable]);
    });
  }
});

describe('proportional scaling', () => {
  // The example of the Kubernetes documentation: 10 replicas with surge 3 and unavailable 2 are scaled to 15 when 8 old and
  // 5 new pods exist; 3 go to the old ReplicaSet, 2 to the new one.
  it('shares growth as the documentation shows', () => {
    const sets = [replicaSet('old', 8, 13), replicaSet('new', 5, 13, 1)];
    expect(sizes(deployment(15, 3, 2), sets)).toEqual({ old: 11, new: 7 });
  });

  // Cases of TestScale in pkg/controller/deployment/sync_test.go.
  it('grows two equal sets, the newer one first', () => {
    const sets = [replicaSet('old', 5, 10), replicaSet('new', 5, 10, 1)];
    expect(sizes(deployment(11, 0, 1), sets)).toEqual({ old: 5, new: 6 });
  });

  it('shrinks two equal sets, the older one first', () => {
    const sets = [replicaSet('old', 5, 10), replicaSet('new', 5, 10, 1)];
    expect(sizes(deployment(9, 0, 1), sets)).toEqual({ old: 4, new: 5 });
  });

  it('scales everything to zero', () => {
    const sets = [replicaSet('a', 3, 6), replicaSet('b', 2, 6, 1), replicaSet('c', 1, 6, 2)];
    expect(sizes(deployment(0, 0, 1), sets)).toEqual({ a: 0, b: 0, c: 0 });
  });
});
