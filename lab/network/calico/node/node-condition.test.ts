import { expect, test } from 'vitest';
import { calicoIsUp } from './node-condition.ts';

test('the condition is the one that calico-node sets', () => {
  expect(calicoIsUp(Date.UTC(2026, 10, 20, 9, 12, 11))).toEqual({
    type: 'NetworkUnavailable',
    status: 'False',
    lastHeartbeatTime: '2026-11-20T09:12:11Z',
    lastTransitionTime: '2026-11-20T09:12:11Z',
    reason: 'CalicoIsUp',
    message: 'Calico is running on this node',
  });
});
