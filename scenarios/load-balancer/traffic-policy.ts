import { contains, holds, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

/** Of default/front: the first 16 letters of base32(sha256("default/fronttcp")). */
const HASH = 'DFME4TBX5E6GT2OD';
const CLIENT = '10.1.0.89';
const CONTROL_PLANE = '10.1.110.108';
const RULES = { watch: 'xtables-monitor --event' } as const;
const literal = (text: string): string => text.replaceAll('.', '\\.');

/** A line of `sort | uniq -c` over the answers. */
const answer = (pod: string, address: string, seenAs: string) =>
  matches(
    new RegExp(`^ *\\d+ ${pod} \\(${literal(address)}\\) sees ${literal(seenAs)}$`),
    `${pod} sees ${seenAs}`,
  );

export default scenario({
  title: 'externalTrafficPolicy: any pod, or the source address',
  chapter: 'load-balancer',
  figures: ['30'],
  source:
    '"Azure Kubernetes Service (AKS) Networking Deep Dive", part 2: load balancer external traffic policy',
  about: `The node that answers for the address may send a connection to any pod of the cluster. For that it must lend its
own address, or the answers would not come back through it; so the pod does not learn who asks, and pods on other nodes are
one hop further. With the policy Local only pods on the node itself are asked, nothing is translated but the destination,
and a node without a pod drops what it gets.`,
  manifests: ['./front.yaml'],
  async story(s) {
    const service = await s.step('A load balancer; the policy is Cluster unless told', {
      on: KUBECTL,
      run: 'get service front',
      see: rows({ NAME: 'front', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.\d+$/ }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    const address = service.pick(/ (10\.1\.110\.\d+) /);
    await s.step('worker2 answers for its address; two of the three pods are there', {
      on: KUBECTL,
      run: 'describe service front',
      see: [
        contains('External Traffic Policy:  Cluster'),
        matches(/announcing from node "iks-networking-example-cl-iks-networ-ac625d72ba"$/),
      ],
      within: 15_000,
      until: { watch: 'get events -w' },
    });
    for (const node of ['worker2', 'controlpl1']) {
      await s.step(`On ${node}, KUBE-FW marks every connection to be masqueraded, and goes on to all pods`, {
        on: node,
        run: `iptables -t nat -S KUBE-FW-${HASH}`,
        see: [
          matches(/ -j KUBE-MARK-MASQ$/),
          matches(new RegExp(` -j KUBE-SVC-${HASH}$`)),
          not(contains('KUBE-XLB-')),
        ],
        within: 10_000,
        until: RULES,
      });
    }

    const tunnel = await s.capture('Listen for packets in packets from worker2 to worker1', {
      on: 'worker2',
      run: 'tcpdump -n -i ens192 proto 4 and dst host 10.1.110.102',
    });
    const ask = `curl -s --max-time 20 -H 'Connection: close' 'http://${address}/?[1-40]' | sort | uniq -c`;
    await s.step('The client asks forty times. All pods answer, and none has seen the client', {
      on: 'client',
      run: ask,
      see: [
        answer('frontend-1', '192.168.104.115', '192.168.8.192'),
        answer('frontend-2', '192.168.8.250', '10.1.110.107'),
        answer('frontend-3', '192.168.8.248', '10.1.110.107'),
        not(contains(CLIENT)),
      ],
    });
    await tunnel.sees(
      'What frontend-1 answered took another hop, through the tunnel',
      matches(
        /IP 10\.1\.110\.107 > 10\.1\.110\.102: IP 192\.168\.8\.192\.\d+ > 192\.168\.104\.115\.80: Flags \[S\]/,
      ),
    );
    await tunnel.stop();
    const detour = `ip route add ${address} via ${CONTROL_PLANE}; curl -s --max-time 2 http://${address}/; code=$?; ip route del ${address}; exit $code`;
    await s.step(
      'What if the packets come to a node without a pod? Here the router sends them to the control plane',
      {
        on: 'router',
        run: detour,
        see: matches(
          /^frontend-[123] \(.*\) sees 192\.168\.165\.192$/,
          'an answer: the control plane has a way to the pods',
        ),
      },
    );

    await s.act('Now the policy is Local', {
      on: KUBECTL,
      run: `patch service front -p '{"spec":{"externalTrafficPolicy":"Local"}}'`,
    });
    await s.step('On worker2, KUBE-XLB takes the place of KUBE-SVC, and nothing is marked', {
      on: 'worker2',
      run: `iptables -t nat -S KUBE-FW-${HASH}`,
      see: [matches(new RegExp(` -j KUBE-XLB-${HASH}$`)), not(contains('KUBE-MARK-MASQ'))],
      within: 10_000,
      until: RULES,
    });
    await s.step('It balances between the two pods of this node', {
      on: 'worker2',
      run: `iptables -t nat -S KUBE-XLB-${HASH}`,
      see: [
        matches(
          /--comment "Balancing rule 0 for default\/front" -m statistic --mode random --probability 0\.50000000000 -j KUBE-SEP-\w{16}$/,
        ),
        matches(/--comment "Balancing rule 1 for default\/front" -j KUBE-SEP-\w{16}$/),
        not(contains('Balancing rule 2')),
      ],
    });
    await s.step('On the control plane the chain ends with a mark that means: drop', {
      on: 'controlpl1',
      run: `iptables -t nat -S KUBE-XLB-${HASH}`,
      see: matches(/--comment "default\/front has no local endpoints" -j KUBE-MARK-DROP$/),
      within: 10_000,
      until: RULES,
    });
    const none = await s.capture('Listen for packets in packets again', {
      on: 'worker2',
      run: 'tcpdump -n -i ens192 proto 4 and dst host 10.1.110.102 or icmp and host 10.1.110.102',
    });
    await s.step('Only the pods of worker2 answer, and they see the client', {
      on: 'client',
      run: ask,
      see: [
        answer('frontend-2', '192.168.8.250', CLIENT),
        answer('frontend-3', '192.168.8.248', CLIENT),
        not(contains('frontend-1')),
        not(contains('10.1.110.107')),
      ],
    });
    await s.step('One ping as an end mark', {
      on: 'worker2',
      run: 'ping -c 1 -W 5 10.1.110.102',
      see: contains(' 0% packet loss'),
    });
    await none.sees('No packet of the service went into the tunnel', [
      matches(/IP 10\.1\.110\.107 > 10\.1\.110\.102: ICMP echo request/),
      not(contains('192.168.104.115.80')),
    ]);
    await s.step('and the way through the control plane is closed: packets are dropped, without a word', {
      on: 'router',
      run: detour,
      see: holds(
        'no answer until the time is over (curl: 28)',
        ({ code, stdout }) => code === 28 && stdout === '',
        true,
      ),
    });

    const port = await s.act(
      'So a load balancer must know which nodes have pods. They tell, at a port of its own',
      {
        on: KUBECTL,
        run: "get service front -o jsonpath='{.spec.healthCheckNodePort}'",
      },
    );
    const check = port.pick(/\d+/);
    const health = (node: string, local: number, status: string) =>
      s.step(`${node} has ${local}`, {
        on: 'router',
        run: `curl -s -w ' %{http_code}' http://${node}:${check}/`,
        see: [matches(new RegExp(`"localEndpoints": ?${local}\\b`)), matches(new RegExp(` ${status}$`))],
      });
    await health('10.1.110.107', 2, '200');
    await health('10.1.110.102', 1, '200');
    await health('10.1.110.108', 0, '503');
  },
});
