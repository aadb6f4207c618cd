import { contains, equals, matches, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Finding the other end of the cable, from both ends',
  chapter: 'pods',
  figures: ['11'],
  source: '"How to Inspect Kubernetes Networking", "Finding a Pod\'s Virtual Ethernet Interface"',
  about: `Between a pod and its node runs a virtual cable, a veth pair. One end is eth0 in the pod, the other an
interface of the node that Calico names cali and eleven digits. Each end knows the index of the other: that is how to
find out which cable belongs to which pod.`,
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/frontend-1) -n';
    const inside = await s.step('In the pod: eth0 has an index, and behind @if the index of the other end', {
      on: 'worker1',
      run: `${enter} ip addr show eth0`,
      see: [matches(/^\d+: eth0@if\d+: /), contains('192.168.104.115/32')],
    });
    const own = inside.pick(/^(\d+): eth0@if/);
    const other = inside.pick(/^\d+: eth0@if(\d+): /);

    const outside = await s.step(
      `On the node: interface ${other} is the other end, and points back to ${own}`,
      {
        on: 'worker1',
        run: `ip -o link | grep '^${other}: '`,
        see: matches(new RegExp(`^${other}: cali[0-9a-f]{11}@if${own}: `)),
      },
    );
    const cali = outside.pick(/: (cali[0-9a-f]{11})@/);

    await s.step(
      "The node's end has an address that says: it does not matter which, the cable has two ends",
      {
        on: 'worker1',
        run: `ip link show ${cali}`,
        see: [
          contains('link/ether ee:ee:ee:ee:ee:ee'),
          matches(/link-netns(id)? /, 'the namespace of the other end'),
        ],
      },
    );
    await s.step('The route to the pod goes into that cable', {
      on: 'worker1',
      run: 'ip route get 192.168.104.115',
      see: contains(`192.168.104.115 dev ${cali} `),
    });
    await s.step("Backwards: from the name of the node's end to the index of the pod's", {
      on: 'worker1',
      run: `cat /sys/class/net/${cali}/iflink`,
      see: equals(own),
    });
    await s.step('The eleven digits are no chance: they begin the SHA-1 of namespace and pod name', {
      on: 'worker1',
      run: 'printf default.frontend-1 | sha1sum | cut -c 1-11',
      see: equals(cali.replace('cali', '')),
    });

    const capture = await s.capture('Proof: listen on the cable', {
      on: 'worker1',
      run: `tcpdump -n -i ${cali} icmp`,
    });
    await s.act('and let the node ask for the pod once', {
      on: 'worker1',
      run: 'ping -c 1 -W 5 192.168.104.115',
    });
    await capture.sees('Question and answer pass through it', [
      matches(/> 192\.168\.104\.115: ICMP echo request/),
      matches(/IP 192\.168\.104\.115 > .*: ICMP echo reply/),
    ]);
  },
});
