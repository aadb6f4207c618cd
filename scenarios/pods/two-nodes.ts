import { contains, equals, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Two pods on two nodes: a packet in a packet',
  chapter: 'pods',
  figures: ['16'],
  about: `Pod addresses mean nothing outside the cluster. So a packet from a pod on worker1 to a pod on worker2 travels
inside another, from node to node: IP in IP, protocol number 4. The outer packet has the addresses of the nodes, the inner
one those of the pods, from end to end and without any NAT.`,
  pods: ['./two-nodes.yaml'],
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/frontend-1) -n';
    await s.step("worker1 sends packets for worker2's pods into tunl0", {
      on: 'worker1',
      run: 'ip route get 192.168.8.250',
      see: contains('192.168.8.250 via 10.1.110.107 dev tunl0'),
    });
    const route = await s.step("On worker2 the pod's own cable is next", {
      on: 'worker2',
      run: 'ip route show 192.168.8.250',
      see: matches(/^192\.168\.8\.250 dev cali[0-9a-f]{11} /),
    });
    const cali = route.pick(/dev (cali[0-9a-f]{11})/);

    const wire = await s.capture('Between the nodes: the command of Figure 16', {
      on: 'worker1',
      run: 'tcpdump -s 0 -i ens192 -n proto 4',
    });
    const tunnel = await s.capture('At the mouth of the tunnel', {
      on: 'worker1',
      run: 'tcpdump -n -i tunl0 icmp',
    });
    const pod = await s.capture("On the last cable, the pod's", {
      on: 'worker2',
      run: `tcpdump -n -i ${cali} icmp`,
    });

    await s.step('frontend-1 (192.168.104.115) asks for frontend-2; two nodes routed, so the TTL is 62', {
      on: 'worker1',
      run: `${enter} ping -c 1 -W 5 192.168.8.250`,
      see: [matches(/64 bytes from 192\.168\.8\.250: icmp_seq=1 ttl=62 /), contains(' 0% packet loss')],
    });
    await wire.sees('Outside: the addresses of the nodes. Inside: the addresses of the pods', [
      matches(
        /IP 10\.1\.110\.102 > 10\.1\.110\.107: IP 192\.168\.104\.115 > 192\.168\.8\.250: ICMP echo request, id \d+, seq 1, length 64/,
      ),
      matches(
        /IP 10\.1\.110\.107 > 10\.1\.110\.102: IP 192\.168\.8\.250 > 192\.168\.104\.115: ICMP echo reply, id \d+, seq 1, length 64/,
      ),
    ]);
    await tunnel.sees('In tunl0 there is only the inner packet', [
      matches(/ IP 192\.168\.104\.115 > 192\.168\.8\.250: ICMP echo request/),
      matches(/ IP 192\.168\.8\.250 > 192\.168\.104\.115: ICMP echo reply/),
      not(contains('10.1.110.')),
    ]);
    await pod.sees('and at the pod it arrives as it left: nobody translated an address', [
      matches(/ IP 192\.168\.104\.115 > 192\.168\.8\.250: ICMP echo request/),
      matches(/ IP 192\.168\.8\.250 > 192\.168\.104\.115: ICMP echo reply/),
      not(contains('10.1.110.')),
    ]);
    await s.step('The web server says the same', {
      on: 'default/toolbox-worker1',
      run: 'curl -s http://192.168.8.250/',
      see: equals('frontend-2 (192.168.8.250) sees 192.168.104.120'),
    });

    s.note(
      'The rest of Figure 16: a Redis replica (192.168.8.249) acknowledges to its master (192.168.104.109) what it has received.',
    );
    await s.act('The replica says so', {
      on: 'default/redis-replica',
      run: "printf '*3\\r\\n$8\\r\\nREPLCONF\\r\\n$3\\r\\nACK\\r\\n$7\\r\\n5586738\\r\\n' | nc -N -w 5 -p 58796 192.168.104.109 6379",
    });
    await wire.sees('TCP is carried like everything else, in both directions', [
      matches(
        /IP 10\.1\.110\.107 > 10\.1\.110\.102: IP 192\.168\.8\.249\.58796 > 192\.168\.104\.109\.6379: Flags \[P\.\], .* length 40/,
      ),
      matches(
        /IP 10\.1\.110\.102 > 10\.1\.110\.107: IP 192\.168\.104\.109\.6379 > 192\.168\.8\.249\.58796: Flags \[/,
      ),
    ]);
  },
});
