import { expect, it } from 'vitest';
import { steerCommand } from './steer.ts';

it('sets both ends of the pair, each in the sysfs of its own namespace, and leaves nothing mounted', () => {
  const [program, flag, , , script] = steerCommand(
    {
      hostInterface: 'cali0123456789a',
      hostMac: 'ee:ee:ee:ee:ee:ee',
      podInterface: 'eth0',
      podMac: '02:00:00:00:00:01',
      netns: '/run/netns/cni-1',
      address: '192.168.8.193',
    },
    '2',
  );
  expect([program, flag]).toEqual(['unshare', '-m']);
  expect(script).toContain('echo 2 >/mnt/class/net/cali0123456789a/queues/rx-0/rps_cpus');
  expect(script).toMatch(
    /nsenter --net=\/run\/netns\/cni-1 unshare -m .*echo 2 >\/mnt\/class\/net\/eth0\/queues/,
  );
});
