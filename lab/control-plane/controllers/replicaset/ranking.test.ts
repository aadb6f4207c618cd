import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/objects/index.ts';
import { podsToDelete } from './ranking.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

interface Shape {
  readonly node?: string;
  readonly phase?: string;
  readonly readyFor?: number;
  readonly age?: number;
  readonly restarts?: number;
  readonly cost?: string;
}

function pod(name: string, shape: Shape = {}): Pod {
  const { node = name, phase = 'Running', readyFor, age = 1000, restarts = 0, cost } = shape;
  const ready =
    readyFor === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: ago(readyFor) }];
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: ago(age),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { containers: [], ...(node ? { nodeName: node } : {}) },
    status: { phase, conditions: ready, containerStatuses: [{ name: 'c', restartCount: restarts }] },
  };
}

// Each pair: the first is deleted before the second, whatever comes later in the list of rules.
const RULES: [string, Pod, Pod][] = [
  ['unassigned before assigned', pod('b', { node: '', readyFor: 5 }), pod('a', { phase: 'Pending' })],
  ['pending before running', pod('b', { phase: 'Pending', readyFor: 5 }), pod('a')],
  ['not ready before ready', pod('b'), pod('a', { readyFor: 1, cost: '-5' })],
  ['cheap before dear', pod('b', { readyFor: 9000, cost: '-1' }), pod('a', { readyFor: 1 })],
  [
    'ready for a short time before long',
    pod('b', { readyFor: 10, restarts: 0 }),
    pod('a', { readyFor: 900, restarts: 9 }),
  ],
  ['many restarts before few', pod('b', { restarts: 3, age: 9000 }), pod('a', { restarts: 1, age: 1 })],
  ['younger before older', pod('b', { age: 10 }), pod('a', { age: 900 })],
  ['the same order of magnitude: by uid', pod('a', { age: 1000 }), pod('b', { age: 1001 })],
];

describe('podsToDelete', () => {
  for (const [rule, first, second] of RULES) {
    it(rule, () => {
      for (const pods of [
        [first, second],
        [second, first],
      ]) {
        expect(podsToDelete(pods, pods, 1, NOW)).toEqual([first]);
      }
    });
  }

  it('relieves the node that carries most pods of the Deployment', () => {
    const pods = [pod('a', { node: 'n1', readyFor: 10 }), pod('b', { node: 'n2', readyFor: 900 })];
    const other = pod('c', { node: 'n2', readyFor: 900 });
    expect(podsToDelete(pods, [...pods, other], 1, NOW)).toEqual([pods[1]]);
  });

  it('all of them when there are no more', () => {
    const pods = [pod('a'), pod('b')];
    expect(podsToDelete(pods, pods, 5, NOW)).toEqual(pods);
  });
});
