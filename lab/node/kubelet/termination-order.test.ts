import { expect, it } from 'vitest';
import type { Container, Pod } from '../runtime/index.ts';
import { terminationOrder } from './termination-order.ts';

const c = (name: string): Container => ({ name, image: 'i' });
const pod: Pod = {
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: {
    containers: [c('main'), c('other')],
    initContainers: [
      { ...c('sc1'), restartPolicy: 'Always' },
      c('init'),
      { ...c('sc2'), restartPolicy: 'Always' },
      { ...c('sc3'), restartPolicy: 'Always' },
    ],
  },
};

// The cases of kuberuntime_termination_order_test.go, as an order.
it('ends sidecars after the regular containers, in reverse', () => {
  expect(terminationOrder(pod, ['sc1', 'sc2', 'sc3', 'main', 'other'])).toEqual([
    { name: 'main', after: [] },
    { name: 'other', after: [] },
    { name: 'sc3', after: ['main', 'other'] },
    { name: 'sc2', after: ['main', 'other', 'sc3'] },
    { name: 'sc1', after: ['main', 'other', 'sc2'] },
  ]);
});

it('waits for nothing that does not run', () => {
  expect(terminationOrder(pod, ['sc1', 'sc3'])).toEqual([
    { name: 'sc3', after: [] },
    { name: 'sc1', after: ['sc3'] },
  ]);
  // An init container under way has nothing to do with the sidecars before it.
  expect(terminationOrder(pod, ['sc1', 'init'])).toEqual([
    { name: 'init', after: [] },
    { name: 'sc1', after: [] },
  ]);
});
