import { contains, equals, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Who answers for 169.254.1.1?',
  chapter: 'pods',
  figures: ['11'],
  source: 'the chapter "Felix agent": the host answers ARPs for workloads with the MAC address of the host',
  about: `Every pod has the same gateway, 169.254.1.1, and nobody has that address. Still each packet of a pod finds its
way, because the node answers ARP requests on the pod's cable for it: proxy ARP.`,
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/toolbox-worker1) -n';
    await s.step("The pod's gateway", {
      on: 'default/toolbox-worker1',
      run: 'ip route',
      see: equals('default via 169.254.1.1 dev eth0\n169.254.1.1 dev eth0 scope link'),
    });
    for (const node of ['worker1', 'worker2', 'controlpl1']) {
      await s.step(`${node} does not have that address`, {
        on: node,
        run: 'ip -4 addr',
        see: [contains('inet 10.1.110.'), not(contains('169.254.1.1'))],
      });
    }
    const route = await s.step("The node's end of the pod's cable", {
      on: 'worker1',
      run: 'ip route show 192.168.104.120',
      see: matches(/^192\.168\.104\.120 dev cali[0-9a-f]{11} scope link/),
    });
    const cali = route.pick(/dev (cali[0-9a-f]{11})/);
    await s.step('It answers for others, and without the second of delay that is usual for proxies', {
      on: 'worker1',
      run: `sysctl net.ipv4.conf.${cali}.proxy_arp net.ipv4.neigh.${cali}.proxy_delay`,
      see: equals(`net.ipv4.conf.${cali}.proxy_arp = 1\nnet.ipv4.neigh.${cali}.proxy_delay = 0`),
    });

    const capture = await s.capture('Listen for ARP on the cable', {
      on: 'worker1',
      run: `tcpdump -n -e -i ${cali} arp`,
    });
    await s.act('Let the pod forget its neighbours', {
      on: 'worker1',
      run: `${enter} ip neigh flush dev eth0`,
    });
    await s.step('so that its next packet needs ARP first', {
      on: 'default/toolbox-worker1',
      run: 'ping -c 1 -W 5 192.168.104.115',
      see: contains('1 packets transmitted, 1 received, 0% packet loss'),
    });
    await capture.sees("The pod asks everyone, and ee:ee:ee:ee:ee:ee answers: the cable's other end", [
      matches(/> ff:ff:ff:ff:ff:ff, .*: Request who-has 169\.254\.1\.1 tell 192\.168\.104\.120/),
      matches(/ee:ee:ee:ee:ee:ee > .*: Reply 169\.254\.1\.1 is-at ee:ee:ee:ee:ee:ee/),
    ]);
    await s.step('The pod has learnt it', {
      on: 'default/toolbox-worker1',
      run: 'ip neigh',
      see: matches(/^169\.254\.1\.1 dev eth0 lladdr ee:ee:ee:ee:ee:ee (REACHABLE|STALE|DELAY)/),
    });
  },
});
