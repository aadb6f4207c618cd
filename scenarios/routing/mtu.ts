import { contains, exitCode, matches, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'How large may a packet be?',
  chapter: 'routing',
  source:
    'the packet logs of Figures 63 and following: WINDOW=64400 is 46 segments of 1400 bytes, so the MTU was 1440',
  about: `The outer header of IP in IP takes 20 bytes of each packet, so a pod's packets must be smaller than those of the
node. Calico gives eth0 in the pod a smaller MTU: 1440 in the paper's cluster. A ping of 1412 bytes is exactly that long:
1412 + 8 (ICMP) + 20 (IP).`,
  pods: ['./mtu.yaml'],
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/mtu) -n';
    await s.step('The MTU of the pod', {
      on: 'default/mtu',
      run: 'ip link show eth0',
      see: matches(/^\d+: eth0@if\d+: <.*> mtu 1440 /),
    });
    await s.step("and of the tunnel; the node's own interface could take 1500", {
      on: 'worker1',
      run: 'ip link show tunl0; ip link show ens192',
      see: [matches(/^\d+: tunl0(@NONE)?: <.*> mtu 1440 /), matches(/^\d+: ens192(@if\d+)?: <.*> mtu 1500 /)],
    });
    await s.step(
      'A packet of 1440 bytes that must not be fragmented (-M do) reaches the pod on the other node',
      {
        on: 'default/mtu',
        run: 'ping -M do -c 1 -W 5 -s 1412 192.168.8.250',
        see: [contains('1420 bytes from 192.168.8.250: icmp_seq=1'), contains(' 0% packet loss')],
      },
    );
    await s.step('One byte more does not even leave the pod: its own interface refuses', {
      on: 'default/mtu',
      run: 'ping -M do -c 1 -W 5 -s 1413 192.168.8.250',
      see: [matches(/message too long/i), exitCode(1)],
    });
    await s.step('Where it may be fragmented (-M dont) it arrives, in two pieces', {
      on: 'default/mtu',
      run: 'ping -M dont -c 1 -W 5 -s 1413 192.168.8.250',
      see: contains('1421 bytes from 192.168.8.250: icmp_seq=1'),
    });

    s.note(
      'What if somebody sets a larger MTU in the pod? Then the narrow place is the tunnel, and the node must say so.',
    );
    const link = await s.act("The node's end of the pod's cable", {
      on: 'worker1',
      run: 'ip route show 192.168.104.121',
    });
    const cali = link.pick(/dev (cali[0-9a-f]{11})/);
    await s.act('Both ends of the cable get 1500', {
      on: 'worker1',
      run: `ip link set ${cali} mtu 1500; ${enter} ip link set eth0 mtu 1500`,
    });
    const capture = await s.capture('Listen on the cable', {
      on: 'worker1',
      run: `tcpdump -n -i ${cali} icmp`,
    });
    await s.step('Now the packet leaves the pod, and the node answers: too large, and what would fit', {
      on: 'default/mtu',
      run: 'ping -M do -c 1 -W 5 -s 1413 192.168.8.250',
      see: [matches(/^From \S+ icmp_seq=1 Frag needed and DF set \(mtu = 1440\)/), exitCode(1)],
    });
    await capture.sees('That answer is an ICMP message, sent by the node', [
      matches(/ IP 192\.168\.104\.121 > 192\.168\.8\.250: ICMP echo request, .* length 1421/),
      matches(/ > 192\.168\.104\.121: ICMP 192\.168\.8\.250 unreachable - need to frag \(mtu 1440\)/),
    ]);
    await s.step('The pod has learnt it, for this destination and for ten minutes', {
      on: 'worker1',
      run: `${enter} ip route get 192.168.8.250`,
      see: matches(/cache expires \d+sec mtu 1440/),
    });
  },
});
