import { contains, KUBECTL, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

/** Of default/tunnel: the first 16 letters of base32(sha256("default/tunneltcp")). */
const HASH = 'XNDHJ3TTRY5B4ECH';
const literal = (text: string): string => text.replaceAll('.', '\\.');

export default scenario({
  title: 'The pod is on the other node: from the load balancer into the tunnel',
  chapter: 'load-balancer',
  figures: ['106', '107', '108', '110'],
  about: `worker2 answers for the address, and iptables chooses the pod on worker1. So the packet has two journeys: as it is
from the client to worker2, and from there, with both addresses translated, inside another packet to worker1. The pod
answers to tunl0 of worker2, which undoes all of it.`,
  manifests: ['./tunnel.yaml'],
  pods: ['./tunnel-pods.yaml'],
  async story(s) {
    const service = await s.step('The load balancer', {
      on: KUBECTL,
      run: 'get service tunnel',
      see: rows({ NAME: 'tunnel', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.\d+$/ }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    const address = service.pick(/ (10\.1\.110\.\d+) /);
    await s.step('is at worker2, once both pods are there', {
      on: KUBECTL,
      run: 'describe service tunnel',
      see: [
        matches(/^Endpoints: +192\.168\.\d+\.\d+:80,192\.168\.\d+\.\d+:80$/),
        matches(/announcing from node "iks-networking-example-cl-iks-networ-ac625d72ba"$/),
      ],
      within: 15_000,
      until: { watch: 'get events -w' },
    });
    await s.step('The router, too, has heard it: gratuitous ARP, or the answer to a question of its own', {
      on: 'router',
      run: `ip neigh flush to ${address}; ping -c 1 -W 1 ${address} >/dev/null; ip neigh show to ${address}`,
      see: contains('lladdr 00:50:56:93:1c:47 '),
      within: 10_000,
      until: { watch: 'ip monitor neigh' },
    });
    await s.step('Figure 108: two endpoints, one of which is drawn at random', {
      on: 'worker2',
      run: `iptables -L KUBE-SVC-${HASH} -t nat -nv`,
      see: [
        matches(new RegExp(`^Chain KUBE-SVC-${HASH} \\(3 references\\)$`)),
        matches(
          / KUBE-SEP-\w{16} .* \/\* default\/tunnel \*\/ statistic mode random probability 0\.50000000000$/,
        ),
        matches(/ KUBE-SEP-\w{16} .* \/\* default\/tunnel \*\/$/),
      ],
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const pods = await s.step('The pod on worker1 has an address of its block', {
      on: KUBECTL,
      run: 'get pod tunnel-worker1 -o wide',
      see: matches(/^tunnel-worker1 .* 192\.168\.104\.\d+ .*-7ab29bc950 /),
    });
    const pod = pods.pick(/ (192\.168\.104\.\d+) /);
    await s.step('Figure 110: the way there is tunl0', {
      on: 'worker2',
      run: `ip route get ${pod}`,
      see: contains(`${pod} via 10.1.110.102 dev tunl0 src 192.168.8.192`),
    });
    const route = await s.act('On worker1 it is the cable of the pod', {
      on: 'worker1',
      run: `ip route show ${pod}`,
    });
    const cali = route.pick(/dev (cali[0-9a-f]{11})/);

    const captures = {
      wire: await s.capture('Figure 107, in captures: listen on ens192 of worker2 for the client', {
        on: 'worker2',
        run: `tcpdump -n -i ens192 host 10.1.0.89 and tcp port 80`,
      }),
      mouth: await s.capture('on its tunl0', {
        on: 'worker2',
        run: `tcpdump -n -i tunl0 host ${pod} and tcp port 80`,
      }),
      outer: await s.capture('on its ens192 for packets in packets', {
        on: 'worker2',
        run: 'tcpdump -n -i ens192 proto 4 and host 10.1.110.102',
      }),
      cable: await s.capture('and on the last cable, on worker1', {
        on: 'worker1',
        run: `tcpdump -n -i ${cali} tcp port 80`,
      }),
    };
    await s.step('The client asks until the pod on worker1 answers. It sees tunl0 of worker2', {
      on: 'client',
      run: `for i in $(seq 60); do answer=$(curl -s --max-time 5 http://${address}/); case "$answer" in *'Hostname: tunnel-worker1'*) echo "$answer"; break;; esac; done`,
      see: [matches(/^Hostname: tunnel-worker1$/), matches(/^RemoteAddr: 192\.168\.8\.192:\d+$/)],
      timeoutMs: 60_000,
    });
    const vip = literal(address);
    const end = literal(pod);
    await captures.wire.sees('From the client to the address of the load balancer, and back', [
      matches(new RegExp(`IP 10\\.1\\.0\\.89\\.\\d+ > ${vip}\\.80: Flags \\[S\\]`)),
      matches(new RegExp(`IP ${vip}\\.80 > 10\\.1\\.0\\.89\\.\\d+: Flags \\[S\\.\\]`)),
      not(contains('192.168.')),
    ]);
    await captures.mouth.sees('In tunl0 both addresses are others: of tunl0, and of the pod', [
      matches(new RegExp(`IP 192\\.168\\.8\\.192\\.\\d+ > ${end}\\.80: Flags \\[S\\]`)),
      matches(new RegExp(`IP ${end}\\.80 > 192\\.168\\.8\\.192\\.\\d+: Flags \\[S\\.\\]`)),
      not(contains('10.1.')),
    ]);
    await captures.outer.sees(
      'Between the nodes that is inside: protocol 4, from worker2 to worker1 and back',
      [
        matches(
          new RegExp(
            `IP 10\\.1\\.110\\.107 > 10\\.1\\.110\\.102: IP 192\\.168\\.8\\.192\\.\\d+ > ${end}\\.80: Flags \\[S\\]`,
          ),
        ),
        matches(
          new RegExp(
            `IP 10\\.1\\.110\\.102 > 10\\.1\\.110\\.107: IP ${end}\\.80 > 192\\.168\\.8\\.192\\.\\d+: Flags \\[S\\.\\]`,
          ),
        ),
      ],
    );
    await captures.cable.sees('The pod has never heard of the client', [
      matches(new RegExp(`IP 192\\.168\\.8\\.192\\.\\d+ > ${end}\\.80: Flags \\[S\\]`)),
      not(contains('10.1.0.89')),
    ]);
    await s.step('conntrack on worker2 holds both ends of it', {
      on: 'worker2',
      run: `conntrack -L -p tcp -d ${address}`,
      see: matches(
        new RegExp(
          `^tcp +6 \\d+ [A-Z_]+ src=10\\.1\\.0\\.89 dst=${vip} sport=\\d+ dport=80 src=${end} dst=192\\.168\\.8\\.192 sport=80 dport=\\d+ \\[ASSURED\\] mark=0 use=1$`,
        ),
      ),
    });
  },
});
