import { expect, it } from 'vitest';
import { steerCommand } from './steer.ts';

it('names both ends of the pair, and where the second is', () => {
  const made = {
    hostInterface: 'cali0123456789a',
    hostMac: 'ee:ee:ee:ee:ee:ee',
    podInterface: 'eth0',
    podMac: '02:00:00:00:00:01',
    netns: '/run/netns/cni-1',
    address: '192.168.8.193',
  };
  const words = ['veth-steer', '2', 'cali0123456789a', '/run/netns/cni-1', 'eth0'];
  expect(steerCommand(made, '2')).toEqual(words);
});
