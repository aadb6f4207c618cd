import { contains, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

const literal = (text: string): string => text.replaceAll('.', '\\.');

export default scenario({
  title: 'Two translations in one line: client, load balancer, pod',
  chapter: 'conntrack',
  figures: ['67'],
  source: '"Azure Kubernetes Service (AKS) Networking Deep Dive", part 2: conntrack',
  about: `A client outside asks the address of a load balancer. worker2 changes the destination to a pod, and the source to
an address of its own, so that the answers come back to it. Which one depends on the way to the pod: into a cable of its own
it is the address of the node, into the tunnel that of tunl0.`,
  manifests: ['./load-balancer.yaml'],
  async story(s) {
    const service = await s.step('The load balancer', {
      on: KUBECTL,
      run: 'get service tracked',
      see: rows({ NAME: 'tracked', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.\d+$/ }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    const address = service.pick(/ (10\.1\.110\.\d+) /);
    await s.step('is at worker2', {
      on: KUBECTL,
      run: 'describe service tracked',
      see: matches(/announcing from node "iks-networking-example-cl-iks-networ-ac625d72ba"$/),
      within: 15_000,
      until: { watch: 'get events -w' },
    });
    await s.step('The router has heard of it', {
      on: 'router',
      run: `ip neigh flush to ${address}; ping -c 1 -W 1 ${address} >/dev/null; ip neigh show to ${address}`,
      see: contains('lladdr 00:50:56:93:1c:47 '),
      within: 10_000,
      until: { watch: 'ip monitor neigh' },
    });
    await s.step('and the rules are there', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SERVICES',
      see: matches(new RegExp(`-d ${literal(address)}/32 .* -j KUBE-FW-\\w{16}$`)),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });

    await s.step('The client asks forty times', {
      on: 'client',
      run: `curl -s --max-time 20 -H 'Connection: close' 'http://${address}/?[1-40]' | cut -d ' ' -f 1 | sort | uniq -c`,
      see: [matches(/ frontend-1$/), matches(/ frontend-2$/), matches(/ frontend-3$/)],
    });
    const open = await s.background('and opens one connection more, which stays', {
      on: 'client',
      run: `exec bash -c 'exec 3<>/dev/tcp/${address}/80; echo connected; cat <&3'`,
      ready: /connected/,
    });
    const entry = (pod: string, lent: string) =>
      matches(
        new RegExp(
          `^tcp +6 \\d+ TIME_WAIT src=10\\.1\\.0\\.89 dst=${literal(address)} sport=\\d+ dport=80 src=${literal(pod)} dst=${literal(lent)} sport=80 dport=\\d+ \\[ASSURED\\] mark=0 use=1$`,
        ),
        `the answer comes from ${pod} to ${lent}`,
      );
    await s.step('Figure 67: what goes to port 80 with a changed source, on worker2', {
      on: 'worker2',
      run: `conntrack -L -p tcp --dport 80 --src-nat -d ${address}`,
      see: [
        entry('192.168.8.250', '10.1.110.107'),
        entry('192.168.8.248', '10.1.110.107'),
        entry('192.168.104.115', '192.168.8.192'),
        matches(
          new RegExp(
            `^tcp +6 86[34]\\d\\d ESTABLISHED src=10\\.1\\.0\\.89 dst=${literal(address)} sport=\\d+ dport=80 .* \\[ASSURED\\] mark=0 use=1$`,
          ),
          'an open connection, kept for a day (86400 s) as kube-proxy sets it',
        ),
        matches(/ \d+ flow entries have been shown\.$/),
      ],
    });
    await open.sees('The connection is still open', contains('connected'));
    s.note(
      'In the figure the port of the answer is the one that the client has chosen. Its iptables, 1.6.1, could not do otherwise; since 1.6.2 kube-proxy asks for another, drawn at random (--random-fully), so that two nodes that draw at the same moment do not collide.',
    );
    await s.step(
      'worker1, where one of the pods is, has never heard of the client nor of the load balancer',
      {
        on: 'worker1',
        run: 'conntrack -L -p tcp --dport 80 -s 192.168.8.192',
        see: [
          matches(
            /^tcp +6 \d+ [A-Z_]+ src=192\.168\.8\.192 dst=192\.168\.104\.115 sport=\d+ dport=80 src=192\.168\.104\.115 dst=192\.168\.8\.192 sport=80 dport=\d+ \[ASSURED\] mark=0 use=1$/,
          ),
          not(contains('10.1.0.89')),
          not(contains(address)),
        ],
      },
    );
    await s.step('The router has translated nothing: no line of it has a changed address of this client', {
      on: 'router',
      run: `conntrack -L -p tcp -s 10.1.0.89 -d ${address} --src-nat`,
      see: contains(': 0 flow entries have been shown.'),
    });
  },
});
