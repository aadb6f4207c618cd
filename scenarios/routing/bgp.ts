import { contains, matches, rows, scenario } from '../../lab/scenario/index.ts';

const NODES = [
  { name: 'controlpl1', address: '10.1.110.108' },
  { name: 'worker1', address: '10.1.110.102' },
  { name: 'worker2', address: '10.1.110.107' },
] as const;

const mesh = (address: string): string => `Mesh_${address.replaceAll('.', '_')}`;
const literal = (text: string): string => text.replaceAll('.', '\\.');

export default scenario({
  title: 'BGP between all nodes',
  chapter: 'routing',
  figures: ['14', '15'],
  about: `BIRD runs on every node. Each has a BGP session with every other node, the node-to-node mesh, all in the
autonomous system 64512. Through it they tell each other which block of pod addresses is behind which node.`,
  async story(s) {
    await s.step('Figure 14: the configuration of BIRD, made from the list of nodes', {
      on: 'worker2',
      run: 'cat /etc/calico/confd/config/bird.cfg',
      see: [
        contains('# ----- Node-to-node mesh -----'),
        contains('# For peer /host/iks-networking-example-cl-controlpl-1c6b752d90/ip_addr_v4'),
        contains(
          [
            'protocol bgp Mesh_10_1_110_108 from bgp_template {',
            '  neighbor 10.1.110.108 as 64512;',
            '  passive on; # Mesh is unidirectional, peer will connect to us.',
            '}',
          ].join('\n'),
        ),
        contains('# For peer /host/iks-networking-example-cl-iks-networ-7ab29bc950/ip_addr_v4'),
        contains('protocol bgp Mesh_10_1_110_102 from bgp_template {\n  neighbor 10.1.110.102 as 64512;\n}'),
        contains(
          '# For peer /host/iks-networking-example-cl-iks-networ-ac625d72ba/ip_addr_v4\n# Skipping ourselves (10.1.110.107)',
        ),
        contains('# No global peers configured.'),
        contains('# No node-specific peers configured.'),
      ],
    });
    for (const { name, address } of NODES) {
      const peers = NODES.filter((node) => node.address !== address);
      await s.step(`On ${name} both sessions are established`, {
        on: name,
        run: 'birdc show protocols',
        see: rows(
          ...peers.map((peer) => ({
            Name: mesh(peer.address),
            Proto: 'BGP',
            State: 'up',
            Info: /^Established/,
          })),
        ),
      });
    }
    await s.step(
      'One side of each session waits, the other calls: worker1, with the smallest address, is called by both',
      {
        on: 'worker1',
        run: "ss -tn state established '( sport = :179 )'",
        see: [
          matches(/10\.1\.110\.102:179\s+10\.1\.110\.107:\d+/),
          matches(/10\.1\.110\.102:179\s+10\.1\.110\.108:\d+/),
        ],
      },
    );
    await s.step('What worker1 has learnt, and from whom', {
      on: 'worker1',
      run: 'birdc show route',
      see: [
        matches(/^192\.168\.8\.192\/26\s+unicast \[Mesh_10_1_110_107 /),
        matches(/^192\.168\.165\.192\/26\s+unicast \[Mesh_10_1_110_108 /),
        matches(/^192\.168\.104\.64\/26\s+blackhole \[/),
      ],
    });

    s.note(
      'Figure 15: to show that they are alive, the nodes send each other keepalives of 19 bytes over TCP port 179. (-n, because in this lab nobody turns addresses into names.)',
    );
    const captures = [
      {
        capture: await s.capture('Listen on worker1', {
          on: 'worker1',
          run: 'tcpdump -n -v -i ens192 tcp port 179',
        }),
        pairs: [
          [NODES[1], NODES[2]],
          [NODES[1], NODES[0]],
        ],
      },
      {
        capture: await s.capture('and on worker2', {
          on: 'worker2',
          run: 'tcpdump -n -v -i ens192 tcp port 179',
        }),
        pairs: [[NODES[2], NODES[0]]],
      },
    ] as const;
    for (const { capture, pairs } of captures) {
      for (const [a, b] of pairs) {
        const keepalive = (from: string, to: string): RegExp =>
          new RegExp(
            `${literal(from)}\\.\\d+ > ${literal(to)}\\.\\d+: Flags \\[P\\.\\],.* length 19: BGP\\n\\s+Keepalive Message \\(4\\), length: 19`,
          );
        await capture.sees(
          `${a.name} and ${b.name} send each other keepalives`,
          [
            matches(keepalive(a.address, b.address), `a keepalive ${a.address} > ${b.address}`),
            matches(keepalive(b.address, a.address), `a keepalive ${b.address} > ${a.address}`),
          ],
          { within: 20_000 },
        );
      }
    }
  },
});
