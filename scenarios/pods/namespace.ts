import { contains, equals, lines, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: "A pod's network namespace is apart from the node's",
  chapter: 'pods',
  figures: ['11'],
  source:
    'the chapter "Network namespaces"; entering a namespace by pid as in "How to Inspect Kubernetes Networking"',
  about: `To a network engineer a network namespace is a VRF, and more: it has its own interfaces, addresses, routes,
neighbours, sockets, firewall and connection tracking. Each pod has one, and the node has one, the root namespace, with
the interface towards the world.`,
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/frontend-1) -n';

    s.note('Who holds the namespace of a pod? A pause process, one per pod, which does nothing else.');
    await s.step('The pause processes of worker1 (on a node with Docker: docker ps -a | grep pause)', {
      on: 'worker1',
      run: 'ps -e -o pid,args | grep [/]pause',
      see: matches(/^\s*\d+ .*\/pause/),
    });
    await s.step('The runtime here is crun: it lists the containers', {
      on: 'worker1',
      run: 'crun list',
      see: matches(/\srunning\s/),
    });
    await s.step("The pid of frontend-1's pause process", {
      on: 'worker1',
      run: 'nodectl pid default/frontend-1',
      see: matches(/^\d+$/),
    });

    s.note('With the pid, nsenter -n runs any tool of the node in the namespace of the pod.');
    const inside = await s.step('The namespace of the pod', {
      on: 'worker1',
      run: 'readlink /proc/$(nodectl pid default/frontend-1)/ns/net',
      see: matches(/^net:\[\d+\]$/),
    });
    await s.step("is not the node's", {
      on: 'worker1',
      run: 'readlink /proc/self/ns/net',
      see: [matches(/^net:\[\d+\]$/), not(contains(inside.pick(/net:\[\d+\]/)))],
    });

    await s.step('Interfaces: the pod has lo and eth0, with its address', {
      on: 'worker1',
      run: `${enter} ip addr`,
      see: [
        matches(/^\d+: lo: /),
        matches(/^\d+: eth0@if\d+: .* mtu 1440 /),
        contains('inet 192.168.104.115/32 scope global eth0'),
        not(contains('ens192')),
      ],
    });
    await s.step(
      'The node has ens192, tunl0 and one cali interface per pod, and not the address of the pod',
      {
        on: 'worker1',
        run: 'ip addr',
        see: [
          contains('inet 10.1.110.102/24'),
          matches(/^\d+: tunl0/),
          matches(/^\d+: cali[0-9a-f]{11}@if\d+: /),
          not(contains('192.168.104.115')),
        ],
      },
    );

    await s.step('Routes: all that the pod knows is a gateway', {
      on: 'worker1',
      run: `${enter} ip route`,
      see: equals('default via 169.254.1.1 dev eth0\n169.254.1.1 dev eth0 scope link'),
    });
    await s.step('The node knows where everything is', {
      on: 'worker1',
      run: 'ip route',
      see: [
        matches(/^default via 10\.1\.110\.254 dev ens192/),
        matches(/^192\.168\.104\.115 dev cali[0-9a-f]{11} scope link/),
        not(contains('169.254.1.1')),
      ],
    });

    await s.step('Sockets: in the pod nginx listens on port 80', {
      on: 'worker1',
      run: `${enter} ss -tln`,
      see: [matches(/^LISTEN\s.*:80\s/), not(matches(/:179\s/))],
    });
    await s.step("on the node BIRD listens on port 179, and nginx's port is not there", {
      on: 'worker1',
      run: 'ss -tln',
      see: [matches(/^LISTEN\s.*:179\s/), not(matches(/^LISTEN\s.*0\.0\.0\.0:80\s/))],
    });

    await s.step('Firewall: the pod has no rules', {
      on: 'worker1',
      run: `${enter} iptables -S`,
      see: equals('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT'),
    });
    await s.step('the node has those of Calico', {
      on: 'worker1',
      run: 'iptables -t nat -S',
      see: [lines('-P POSTROUTING ACCEPT'), matches(/-j MASQUERADE/)],
    });

    await s.step('Connection tracking: a pod on worker2 fetches a page from frontend-1', {
      on: 'default/toolbox-worker2',
      run: 'curl -s http://192.168.104.115/',
      see: equals('frontend-1 (192.168.104.115) sees 192.168.8.240'),
    });
    await s.step('The node kept the connection in mind, because its rules ask for it', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --orig-dst 192.168.104.115',
      see: matches(/^tcp .* src=192\.168\.8\.240 dst=192\.168\.104\.115 sport=\d+ dport=80 /),
    });
    await s.step('the namespace of the pod, where no rule asks, did not', {
      on: 'worker1',
      run: `${enter} conntrack -L`,
      see: contains(': 0 flow entries have been shown.'),
    });
  },
});
