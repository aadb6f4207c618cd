import { contains, matches, not, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'From a pod to the internet: two address translations',
  chapter: 'outside',
  source: '"Pod to External Communication in Kubernetes": MASQUERADE, and a second NAT by the fabric',
  about: `The address of a pod is private to the cluster, so the node lends its own to packets that leave it (the first
NAT). The addresses of the nodes are private too, so the router lends its own (the second). Both remember what they did and
undo it for the answers.`,
  async story(s) {
    const route = await s.act("The node's end of the cable of toolbox-worker1 (192.168.104.120)", {
      on: 'worker1',
      run: 'ip route show 192.168.104.120',
    });
    const cali = route.pick(/dev (cali[0-9a-f]{11})/);

    const places = [
      await s.capture('Listen in four places: on the cable of the pod', {
        on: 'worker1',
        run: `tcpdump -n -i ${cali} icmp`,
      }),
      await s.capture("on the router's interface towards the nodes", {
        on: 'router',
        run: 'tcpdump -n -i nodes icmp',
      }),
      await s.capture("on the router's interface towards the internet", {
        on: 'router',
        run: 'tcpdump -n -i internet icmp',
      }),
      await s.capture('and at the destination', { on: 'internet', run: 'tcpdump -n -i any icmp' }),
    ] as const;
    await s.step('The pod asks for a machine in the internet, and has an answer', {
      on: 'default/toolbox-worker1',
      run: 'ping -c 1 -W 5 203.0.113.10',
      see: [contains('64 bytes from 203.0.113.10: icmp_seq=1'), contains(' 0% packet loss')],
    });
    const [pod, nodes, internet, destination] = places;
    const both = (source: string) => {
      const address = source.replaceAll('.', '\\.');
      return [
        matches(
          new RegExp(` IP ${address} > 203\\.0\\.113\\.10: ICMP echo request`),
          `${source} > 203.0.113.10: ICMP echo request`,
        ),
        matches(
          new RegExp(` IP 203\\.0\\.113\\.10 > ${address}: ICMP echo reply`),
          `203.0.113.10 > ${source}: ICMP echo reply`,
        ),
      ];
    };
    await pod.sees('On the cable: the address of the pod, there and back', both('192.168.104.120'));
    await nodes.sees('At the router: the address of worker1. The node has translated', [
      ...both('10.1.110.102'),
      not(contains('192.168.')),
    ]);
    await internet.sees('Behind the router: the address of the router. It has translated again', [
      ...both('203.0.113.1'),
      not(contains('10.1.110.')),
    ]);
    await destination.sees('The destination knows nothing of pods and nodes', [
      ...both('203.0.113.1'),
      not(contains('192.168.')),
      not(contains('10.1.110.')),
    ]);

    s.note(
      'Each of the two keeps a line for the connection: what it saw first, and what it expects the answer to look like.',
    );
    await s.step('worker1: the answer will be addressed to worker1, and belongs to the pod', {
      on: 'worker1',
      run: 'conntrack -L -p icmp --orig-src 192.168.104.120',
      see: matches(/src=192\.168\.104\.120 dst=203\.0\.113\.10 .* src=203\.0\.113\.10 dst=10\.1\.110\.102 /),
    });
    await s.step('the router: the answer will be addressed to the router, and belongs to worker1', {
      on: 'router',
      run: 'conntrack -L -p icmp --orig-src 10.1.110.102',
      see: matches(/src=10\.1\.110\.102 dst=203\.0\.113\.10 .* src=203\.0\.113\.10 dst=203\.0\.113\.1 /),
    });

    const server = await s.background('The same with TCP: a server in the internet tells who is there', {
      on: 'internet',
      run: 'iperf3 -s -1 --forceflush',
      ready: /Server listening on 5201/,
    });
    await s.step('The pod sends it a little', {
      on: 'default/toolbox-worker1',
      run: 'iperf3 -c 203.0.113.10 -n 100K --connect-timeout 5000',
      see: contains('iperf Done.'),
    });
    await server.sees(
      'The server has talked to the router',
      contains('Accepted connection from 203.0.113.1,'),
    );
  },
});
