import { contains, equals, lines, matches, rows, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Interfaces and routes of the workers',
  chapter: 'nodes',
  figures: ['12', '13', '77', '110'],
  about: `A node has ens192 towards the world, tunl0 towards the other nodes' pods, and a cali interface for each pod of
its own. Its routing table says the same: BIRD installed a route into tunl0 for the block of each other node, and a black
hole for its own block, so that packets for addresses without a pod go nowhere.`,
  async story(s) {
    const interfaces = await s.step('Figure 12: the interfaces of worker1', {
      on: 'worker1',
      run: 'ip addr',
      see: [
        contains('inet 10.1.110.102/24'),
        matches(/^\d+: ens192(@if\d+)?: <.*\bUP\b.*> mtu 1500 /),
        matches(/^\d+: tunl0(@NONE)?: <.*\bUP\b.*> mtu 1440 /),
        contains('inet 192.168.104.64/32 scope global tunl0'),
        matches(/^\d+: cali[0-9a-f]{11}@if\d+: <.*> mtu 1440 /),
      ],
    });
    const cables = [...interfaces.stdout.matchAll(/^\d+: (cali[0-9a-f]{11})@/gm)].length;
    await s.step('As many cables as routes into cables', {
      on: 'worker1',
      run: "ip route | grep -c ' dev cali'",
      see: equals(String(cables)),
    });
    await s.step(
      'Figure 13: the routes of worker1; those with "proto bird" BIRD has learnt from the other nodes',
      {
        on: 'worker1',
        run: 'ip route',
        see: [
          matches(/^default via 10\.1\.110\.254 dev ens192/),
          lines(
            '10.1.110.0/24 dev ens192 proto kernel scope link src 10.1.110.102',
            'blackhole 192.168.104.64/26 proto bird',
            '192.168.8.192/26 via 10.1.110.107 dev tunl0 proto bird onlink',
            '192.168.165.192/26 via 10.1.110.108 dev tunl0 proto bird onlink',
          ),
          matches(/^192\.168\.104\.115 dev cali[0-9a-f]{11} scope link/),
        ],
      },
    );
    await s.step('The same as route -n prints it', {
      on: 'worker1',
      run: 'route -n',
      see: rows(
        { Destination: '0.0.0.0', Gateway: '10.1.110.254', Genmask: '0.0.0.0', Flags: 'UG', Iface: 'ens192' },
        {
          Destination: '10.1.110.0',
          Gateway: '0.0.0.0',
          Genmask: '255.255.255.0',
          Flags: 'U',
          Iface: 'ens192',
        },
        {
          Destination: '192.168.8.192',
          Gateway: '10.1.110.107',
          Genmask: '255.255.255.192',
          Flags: 'UG',
          Iface: 'tunl0',
        },
        // The figures' kernel 4.15 flags a black hole "!", today's kernels "U"; both print "*" for its interface.
        { Destination: '192.168.104.64', Gateway: '0.0.0.0', Genmask: '255.255.255.192', Iface: '*' },
        {
          Destination: '192.168.104.115',
          Genmask: '255.255.255.255',
          Flags: 'UH',
          Iface: /^cali[0-9a-f]{11}$/,
        },
        {
          Destination: '192.168.165.192',
          Gateway: '10.1.110.108',
          Genmask: '255.255.255.192',
          Flags: 'UG',
          Iface: 'tunl0',
        },
      ),
    });
    await s.step('Figures 77 and 110: worker2 has its own cables, and the way to worker1 is tunl0', {
      on: 'worker2',
      run: 'route -n',
      see: rows(
        { Destination: '0.0.0.0', Gateway: '10.1.110.254', Genmask: '0.0.0.0', Flags: 'UG', Iface: 'ens192' },
        {
          Destination: '10.1.110.0',
          Gateway: '0.0.0.0',
          Genmask: '255.255.255.0',
          Flags: 'U',
          Iface: 'ens192',
        },
        { Destination: '192.168.8.192', Gateway: '0.0.0.0', Genmask: '255.255.255.192', Iface: '*' },
        {
          Destination: '192.168.8.250',
          Gateway: '0.0.0.0',
          Genmask: '255.255.255.255',
          Flags: 'UH',
          Iface: /^cali[0-9a-f]{11}$/,
        },
        {
          Destination: '192.168.104.64',
          Gateway: '10.1.110.102',
          Genmask: '255.255.255.192',
          Flags: 'UG',
          Iface: 'tunl0',
        },
        {
          Destination: '192.168.165.192',
          Gateway: '10.1.110.108',
          Genmask: '255.255.255.192',
          Flags: 'UG',
          Iface: 'tunl0',
        },
      ),
    });
    await s.step('The MAC of worker2 that the paper shows', {
      on: 'worker2',
      run: 'ip link show ens192',
      see: contains('link/ether 00:50:56:93:1c:47'),
    });
    await s.step('An address of the own block without a pod falls into the black hole', {
      on: 'worker1',
      run: 'ip route get 192.168.104.127 2>&1 || true',
      see: matches(
        /RTNETLINK answers: Invalid argument/,
        'the kernel finds no way there (EINVAL: black hole)',
      ),
    });
  },
});
