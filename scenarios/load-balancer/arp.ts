import { contains, equals, exitCode, KUBECTL, matches, rows, scenario } from '../../lab/scenario/index.ts';

const ADDRESS = '10.1.110.104';
const INGRESS = '10.1.110.105';
const NODES = {
  controlpl1: 'iks-networking-example-cl-controlpl-1c6b752d90',
  worker1: 'iks-networking-example-cl-iks-networ-7ab29bc950',
  worker2: 'iks-networking-example-cl-iks-networ-ac625d72ba',
};
const ROUTER = { address: '10.1.110.254', mac: '00:22:bd:f8:19:ff' };
const WORKER2_MAC = '00:50:56:93:1c:47';
const literal = (text: string): string => text.replaceAll('.', '\\.');

/** Figure 60: question and answer as `tcpdump -e` prints them. */
const arp = (address: string, mac: string) => [
  matches(
    new RegExp(
      ` ${ROUTER.mac} > ff:ff:ff:ff:ff:ff, ethertype ARP .* Request who-has ${literal(address)} tell ${literal(ROUTER.address)}, `,
    ),
    `${ROUTER.mac} asks everybody: who has ${address}?`,
  ),
  matches(
    new RegExp(` ${mac} > ${ROUTER.mac}, ethertype ARP .* Reply ${literal(address)} is-at ${mac}, `),
    `${mac} answers ${ROUTER.mac}: at ${mac}`,
  ),
];

/** Figure 61: a line of a speaker's log. */
const logLine = (address: string, mac: string) =>
  matches(
    new RegExp(
      `^\\[pod/essential-metallb-speaker-\\w{5}/speaker\\] \\{"caller":"arp\\.go:102","interface":"ens192","ip":"${literal(address)}","msg":"got ARP request for service IP, sending response","responseMAC":"${mac}","senderIP":"${literal(ROUTER.address)}","senderMAC":"${ROUTER.mac}","ts":"\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z"\\}$`,
    ),
    `a line of Figure 61 for ${address} and ${mac}`,
  );

export default scenario({
  title: 'A load balancer is an answer to ARP',
  chapter: 'load-balancer',
  figures: ['29', '30', '31', '32', '60', '61', '62'],
  about: `A service of type LoadBalancer gets an address that clients outside can ask. No interface has it, and there is no
machine that balances load. When the router asks who has the address, one node answers with its own MAC: that is all that
MetalLB does in layer 2. From there on it is a matter of iptables on that node.`,
  async story(s) {
    await s.step('Figure 32: the addresses that MetalLB may give', {
      on: KUBECTL,
      run: 'describe configmap essential-metallb -n iks',
      see: [
        matches(/^(Labels:)? +app=metallb$/),
        matches(/^ +chart=metallb-0\.12\.0-cisco3-helm3$/),
        matches(/^Annotations: +meta\.helm\.sh\/release-name: essential-metallb$/),
        contains(
          [
            'address-pools:',
            '- addresses:',
            '  - 10.1.110.104/32',
            '  name: reserved-pool',
            '  protocol: layer2',
            '- addresses:',
            '  - 10.1.110.105/32',
            '  - 10.1.110.106/32',
            '  name: auto-assign-pool',
            '  protocol: layer2',
          ].join('\n'),
        ),
      ],
    });
    await s.apply('Figure 29: the frontend of the guestbook becomes a load balancer', './frontend.yaml');
    await s.step('Figure 31: the service has the first free address', {
      on: KUBECTL,
      run: 'get services',
      see: rows({
        NAME: 'frontend',
        TYPE: 'LoadBalancer',
        'CLUSTER-IP': /^10\.96\.\d+\.\d+$/,
        'EXTERNAL-IP': ADDRESS,
        'PORT(S)': /^80:3[0-2]\d{3}\/TCP$/,
      }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    await s.step('The controller chose the address, and a speaker took it', {
      on: KUBECTL,
      run: 'describe service frontend',
      see: [
        matches(
          new RegExp(`^ +Normal +IPAllocated +.* metallb-controller +Assigned IP "${literal(ADDRESS)}"$`),
        ),
        matches(
          new RegExp(`^ +Normal +nodeAssigned +.* metallb-speaker +announcing from node "${NODES.worker1}"$`),
        ),
      ],
      within: 15_000,
      until: { watch: 'get events -w' },
    });
    await s.step(
      'Why worker1? Each speaker works out the same order by itself; the first with a pod of the service',
      {
        on: 'client',
        run: `for node in ${Object.values(NODES).join(' ')}; do echo $(printf %s "$node#default/frontend" | sha256sum | cut -c 1-16) $node; done | sort`,
        see: matches(new RegExp(`^[0-9a-f]{16} ${NODES.worker1}\\n[0-9a-f]{16} ${NODES.controlpl1}`)),
      },
    );
    await s.step('And yet worker1 does not have the address', {
      on: 'worker1',
      run: `ip -4 -o addr show to ${ADDRESS}`,
      see: equals(''),
    });
    const worker1 = await s.act('What it lends is the MAC of its interface', {
      on: 'worker1',
      run: 'cat /sys/class/net/ens192/address',
    });
    const mac = worker1.pick(/^[0-9a-f:]{17}$/);

    const logs = await s.background('Figure 61: follow the logs of all speakers', {
      on: KUBECTL,
      run: 'logs -n iks -l app=metallb,component=speaker --prefix -f --tail=1',
      ready: /^\[pod\/essential-metallb-speaker/m,
    });
    const first = await s.capture('Figure 60: listen on the network of the nodes', {
      on: 'worker1',
      run: `tcpdump -n -e -i ens192 arp and host ${ADDRESS}`,
    });
    await s.act('Let the router forget what it may have learnt', {
      on: 'router',
      run: `ip neigh flush to ${ADDRESS}`,
    });
    await s.step('Figure 30: the client, in another network, asks for the page', {
      on: 'client',
      run: `curl -s --retry 5 --retry-connrefused http://${ADDRESS}/`,
      see: matches(/^frontend-[123] \(192\.168\.\d+\.\d+\) sees /),
    });
    await first.sees('The router asked, and the speaker on worker1 answered', arp(ADDRESS, mac));
    await logs.sees('and says so in its log', logLine(ADDRESS, mac));
    await s.step('The router keeps it in mind, as of any other neighbour', {
      on: 'router',
      run: `ip neigh show to ${ADDRESS}`,
      see: matches(new RegExp(`^${literal(ADDRESS)} dev nodes lladdr ${mac} `)),
    });
    await s.step('The kernel of worker1 knows nothing of it: whoever pings the address has no answer', {
      on: 'router',
      run: `ping -c 1 -W 1 ${ADDRESS}`,
      see: [contains(' 100% packet loss'), exitCode(1)],
    });

    s.note(
      'The order depends on the name of the service, so services spread over the nodes. That of the ingress controller falls to worker2, as in the figures.',
    );
    await s.step('Figure 62: the ingress controller has another address', {
      on: KUBECTL,
      run: 'get svc -n iks',
      see: rows({
        NAME: 'essential-nginx-ingress-ingress-nginx-controller',
        TYPE: 'LoadBalancer',
        'CLUSTER-IP': '10.96.179.211',
        'EXTERNAL-IP': INGRESS,
        'PORT(S)': '80:32045/TCP,443:30888/TCP',
      }),
      within: 30_000,
      until: { watch: 'get svc -n iks -w' },
    });
    await s.step('Its pods are on both workers', {
      on: KUBECTL,
      run: 'get pods -n iks -l app.kubernetes.io/component=controller -o wide',
      see: [
        matches(new RegExp(`^essential-nginx-ingress-\\S+ +1/1 +Running .* ${NODES.worker1} `)),
        matches(new RegExp(`^essential-nginx-ingress-\\S+ +1/1 +Running .* ${NODES.worker2} `)),
      ],
      within: 60_000,
      until: { watch: 'get pods -n iks -w' },
    });
    await s.step('and worker2 answers for it', {
      on: 'router',
      run: `ip neigh flush to ${INGRESS}; ping -c 1 -W 1 ${INGRESS} >/dev/null; ip neigh show to ${INGRESS}`,
      see: contains(`lladdr ${WORKER2_MAC} `),
      within: 15_000,
      until: { watch: 'ip monitor neigh' },
    });
    const wire = await s.capture('Figure 60: listen on worker2', {
      on: 'worker2',
      run: `tcpdump -n -e -i ens192 arp and host ${INGRESS}`,
    });
    await s.act('The router forgets', { on: 'router', run: `ip neigh flush to ${INGRESS}` });
    await s.step('The browser of the client goes to 10.1.110.105', {
      on: 'client',
      run: `curl -s -o /dev/null -w '%{http_code}' --max-time 10 http://${INGRESS}/wordpress/`,
      see: matches(/^[2-5]\d\d$/, 'an answer of nginx, whatever it is'),
    });
    await wire.sees('Figure 60: the answer is the MAC of worker2', arp(INGRESS, WORKER2_MAC));
    await logs.sees('Figure 61: the line of the log', logLine(INGRESS, WORKER2_MAC));
  },
});
