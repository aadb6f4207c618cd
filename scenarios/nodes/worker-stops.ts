import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';

const ROUTE = '192.168.8.192/26 via 10.1.110.107 dev tunl0 proto bird onlink';

export default scenario({
  title: 'worker2 loses power, and comes back',
  chapter: 'nodes',
  figures: ['13', '14'],
  about: `Nobody tells the other nodes that worker2 is gone. Their BIRDs notice by its silence: after the hold time (15 s
here, 240 s by default in Calico) without a keepalive they close the session and forget what they learnt from it.`,
  async story(s) {
    await s.step("worker1 knows the way to worker2's pods", {
      on: 'worker1',
      run: 'ip route show 192.168.8.192/26',
      see: equals(ROUTE),
    });
    await s.step('and they answer', {
      on: 'default/toolbox-worker1',
      run: 'curl -s http://192.168.8.250/',
      see: contains('frontend-2 (192.168.8.250)'),
    });

    const monitor = await s.background('Watch the routes of worker1 change', {
      on: 'worker1',
      // The marker is in place of a first line: ip monitor says nothing until something happens.
      run: 'echo watching; ip monitor route',
      ready: /watching/,
    });
    await s.nodeStop('Pull the plug', 'worker2', 'power-cut');
    await monitor.sees(
      'Within the hold time the route goes',
      matches(/^Deleted 192\.168\.8\.192\/26 via 10\.1\.110\.107 dev tunl0 /),
      {
        within: 40_000,
      },
    );
    await s.step('The session says why', {
      on: 'worker1',
      run: 'birdc show protocols',
      see: [matches(/^Mesh_10_1_110_107\s/), not(matches(/^Mesh_10_1_110_107\s.*Established/))],
      within: 10_000,
      until: { watch: 'ip monitor route' },
    });
    await s.step('The control plane has come to the same conclusion by itself', {
      on: 'controlpl1',
      run: 'ip route show 192.168.8.192/26',
      see: equals(''),
      within: 40_000,
      until: { watch: 'ip monitor route' },
    });
    await s.step('The way to the control plane is as it was', {
      on: 'worker1',
      run: 'ip route show 192.168.165.192/26',
      see: equals('192.168.165.192/26 via 10.1.110.108 dev tunl0 proto bird onlink'),
    });
    await s.step("Packets for worker2's pods now take the default route, to a router that knows no pods", {
      on: 'worker1',
      run: 'ip route get 192.168.8.250',
      see: contains('192.168.8.250 via 10.1.110.254 dev ens192'),
    });
    await s.step('so nobody answers', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 2 http://192.168.8.250/',
      // curl's codes: 28 when the time given was over, 7 when the router says that it knows no way.
      see: [holds('no answer', ({ code }) => code === 28 || code === 7, true), equals('')],
    });

    await s.nodeStart('Power is back', 'worker2');
    await monitor.sees(
      'BIRD starts, the session is established, the route is there again',
      matches(new RegExp(`^${ROUTE.replaceAll('.', '\\.')}`)),
      {
        within: 60_000,
      },
    );
    await s.ready('The kubelet brings the pods back', [
      'default/frontend-2',
      'default/frontend-3',
      'default/toolbox-worker2',
    ]);
    await s.step('with the addresses that they had', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --retry 5 --retry-connrefused http://192.168.8.250/',
      see: equals('frontend-2 (192.168.8.250) sees 192.168.104.120'),
    });
    await s.step('And worker2 has learnt all its routes anew', {
      on: 'worker2',
      run: 'ip route',
      see: [
        contains('192.168.104.64/26 via 10.1.110.102 dev tunl0 proto bird onlink'),
        contains('192.168.165.192/26 via 10.1.110.108 dev tunl0 proto bird onlink'),
        contains('blackhole 192.168.8.192/26 proto bird'),
      ],
      within: 30_000,
      until: { watch: 'ip monitor route' },
    });
  },
});
