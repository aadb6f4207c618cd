import { contains, equals, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: "The guestbook's databases, heard in the tunnel",
  chapter: 'ingress',
  figures: ['16'],
  about: `The guestbook writes to a leader and reads from followers. Every second a follower tells its leader how far it has
come: REPLCONF ACK. When they are on different workers, that goes through the tunnel, one IP packet inside another.`,
  manifests: ['./replication.yaml'],
  pods: ['./replication-pods.yaml'],
  async story(s) {
    const address = (name: string) =>
      s.topology.nodes.find((node) => node.name === name)?.interface.address ?? '';
    const outer = `${address('worker2')} > ${address('worker1')}`.replaceAll('.', '\\.');
    const back = `${address('worker1')} > ${address('worker2')}`.replaceAll('.', '\\.');
    const tunnel = await s.capture('Figure 16: listen on the cable of worker1 for IP in IP', {
      on: 'worker1',
      run: 'tcpdump -s 0 -i ens192 -n proto 4',
    });
    const inside = await s.capture('and at the inner end of the tunnel', {
      on: 'worker1',
      run: 'tcpdump -i tunl0 -n tcp port 6379',
    });
    const log = await s.background("The follower's log", {
      on: KUBECTL,
      run: 'logs -f redis-slave',
    });
    await log.sees(
      'It has found its leader by name, and has a copy of all it knows',
      matches(/MASTER <-> (REPLICA|SLAVE) sync: Finished with success|Successful partial resynchronization/),
      { within: 30_000 },
    );
    await tunnel.sees(
      'The follower reports to the leader, in a packet from worker2 to worker1',
      [
        matches(
          new RegExp(
            `IP ${outer}: IP 192\\.168\\.8\\.249\\.\\d+ > 192\\.168\\.104\\.109\\.6379: Flags \\[P\\.\\].*RESP "REPLCONF" "ACK" "\\d+"`,
          ),
          'REPLCONF ACK in IP in IP',
        ),
        matches(
          new RegExp(
            `IP ${back}: IP 192\\.168\\.104\\.109\\.6379 > 192\\.168\\.8\\.249\\.\\d+: Flags \\[\\.\\]`,
          ),
          'and its receipt',
        ),
      ],
      { within: 15_000 },
    );
    await inside.sees('On tunl0 there is only the inner one', [
      matches(/IP 192\.168\.8\.249\.\d+ > 192\.168\.104\.109\.6379: .*RESP "REPLCONF" "ACK" "\d+"/),
    ]);
    await s.step('Whatever the leader is told, and it waits until one follower has it', {
      on: 'default/redis-slave',
      run: "printf 'SET messages Hello\\nWAIT 1 5000\\n' | redis-cli -h redis-master",
      see: equals('OK\n1'),
    });
    await s.step('the follower knows', {
      on: 'default/redis-slave',
      run: 'redis-cli GET messages',
      see: equals('Hello'),
    });
    await inside.sees('It went through the tunnel', contains('"SET" "messages" "Hello"'));
  },
});
