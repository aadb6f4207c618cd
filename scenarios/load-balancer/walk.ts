import { holds, KUBECTL, matches, type Observation, rows, scenario } from '../../lab/scenario/index.ts';

/** Of default/walk, a port without a name, TCP: the first 16 letters of base32(sha256("default/walktcp")). */
const HASH = 'O2SCS6QLJACSEKYG';
const PODS = ['192.168.104.115', '192.168.8.248', '192.168.8.250'];

interface Rule {
  readonly packets: number;
  readonly target: string;
  readonly text: string;
}

/** The rules of a chain as `iptables -L CHAIN -n -v -x` prints them, without the two lines above them. */
const rulesOf = ({ stdout }: Observation): Rule[] =>
  stdout
    .split('\n')
    .slice(2)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [packets = '', , target = ''] = line.split(/\s+/);
      return { packets: Number(packets), target, text: line };
    });

/** Each rule of a chain, in order: its target, what else is in its line, and how many packets it has seen. */
const chain = (...wanted: readonly (readonly [target: string, text: string, packets?: number])[]) =>
  holds(
    wanted
      .map(
        ([target, text, packets]) =>
          `${packets === undefined ? '' : `${packets} packets: `}${target} ${text}`,
      )
      .join('\n'),
    (seen) => {
      const rules = rulesOf(seen);
      if (rules.length !== wanted.length) return `${rules.length} rules`;
      const wrong = wanted.findIndex(([target, text, packets], index) => {
        const rule = rules[index];
        if (rule?.target !== target || !rule.text.includes(text)) return true;
        return packets !== undefined && rule.packets !== packets;
      });
      return wrong < 0 || `rule ${wrong + 1} is: ${rules[wrong]?.text}`;
    },
  );

export default scenario({
  title: 'The way through the chains: FW, MARK-MASQ, SVC, SEP',
  chapter: 'load-balancer',
  figures: ['25', '29'],
  source: '"Azure Kubernetes Service (AKS) Networking Deep Dive", part 2: inbound communication',
  about: `What happens to the first packet of a connection on the node that has answered for the address? KUBE-SERVICES sends
it to the firewall chain of the service, there it is marked for masquerading, then one of the endpoints is drawn. The
counters of the rules show each step.`,
  manifests: ['./walk.yaml'],
  async story(s) {
    const service = await s.step('The load balancer and its address', {
      on: KUBECTL,
      run: 'get service walk',
      see: rows({ NAME: 'walk', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.\d+$/ }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    const address = service.pick(/ (10\.1\.110\.\d+) /);
    await s.step('worker2 answers for it', {
      on: KUBECTL,
      run: 'describe service walk',
      see: matches(/announcing from node "iks-networking-example-cl-iks-networ-ac625d72ba"$/),
      within: 15_000,
      until: { watch: 'get events -w' },
    });

    const look = (name: string) => `iptables -t nat -L ${name} -n -v -x`;
    await s.step('Whatever is for this address and port goes to KUBE-FW', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-SERVICES',
      see: matches(
        new RegExp(
          `^-A KUBE-SERVICES -d ${address.replaceAll('.', '\\.')}/32 -p tcp -m comment --comment "default/walk loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-${HASH}$`,
        ),
      ),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    await s.step('KUBE-FW: mark, go on, and drop what comes back from there', {
      on: 'worker2',
      run: look(`KUBE-FW-${HASH}`),
      see: chain(
        ['KUBE-MARK-MASQ', '/* default/walk loadbalancer IP */'],
        [`KUBE-SVC-${HASH}`, '/* default/walk loadbalancer IP */'],
        ['KUBE-MARK-DROP', '/* default/walk loadbalancer IP */'],
      ),
    });
    await s.step('KUBE-MARK-MASQ: one bit of a number that the kernel keeps with the packet', {
      on: 'worker2',
      run: look('KUBE-MARK-MASQ'),
      see: chain(['MARK', 'MARK or 0x4000']),
    });
    const svc = await s.step(
      'KUBE-SVC: a third, half of the rest, and all that is left. Read from the top, each has the same chance',
      {
        on: 'worker2',
        run: look(`KUBE-SVC-${HASH}`),
        see: [
          matches(/^.* KUBE-SEP-\w{16} .*statistic mode random probability 0\.33333333349$/),
          matches(/^.* KUBE-SEP-\w{16} .*statistic mode random probability 0\.50000000000$/),
          holds('three endpoints, the last without a condition', (seen) => {
            const rules = rulesOf(seen);
            return rules.length === PODS.length && !rules.at(-1)?.text.includes('statistic');
          }),
        ],
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      },
    );
    const endpoints = rulesOf(svc).map(({ target }) => target);
    const pods = new Map<string, string>();
    for (const endpoint of endpoints) {
      const sep = await s.step('KUBE-SEP: mark, if the pod itself asks; then the new destination', {
        on: 'worker2',
        run: look(endpoint),
        see: [
          matches(/ KUBE-MARK-MASQ .* 192\.168\.\d+\.\d+ +0\.0\.0\.0\/0 /),
          matches(/ DNAT +(6|tcp) .* to:192\.168\.\d+\.\d+:80$/),
        ],
      });
      pods.set(sep.pick(/to:([\d.]+):80$/), endpoint);
    }
    await s.step('KUBE-POSTROUTING: what has the mark leaves with an address of the node', {
      on: 'worker2',
      run: look('KUBE-POSTROUTING'),
      see: chain(
        ['RETURN', 'mark match ! 0x4000/0x4000'],
        ['MARK', 'MARK xor 0x4000'],
        ['MASQUERADE', '/* kubernetes service traffic requiring SNAT */'],
      ),
    });

    const chains = [`KUBE-FW-${HASH}`, `KUBE-SVC-${HASH}`, ...endpoints];
    await s.act('All counters of these chains to zero', {
      on: 'worker2',
      run: `for chain in ${chains.join(' ')}; do iptables -t nat -Z $chain; done`,
    });
    const answer = await s.step('One request', {
      on: 'client',
      run: `curl -s --retry 5 --retry-connrefused http://${address}/`,
      see: matches(/^frontend-[123] \(192\.168\.\d+\.\d+\) sees (10\.1\.110\.107|192\.168\.8\.192)$/),
    });
    const chosen = answer.pick(/\(([\d.]+)\)/);
    await s.step('One packet went to KUBE-MARK-MASQ, came back, went to KUBE-SVC, and did not come back', {
      on: 'worker2',
      run: look(`KUBE-FW-${HASH}`),
      see: chain(['KUBE-MARK-MASQ', '', 1], [`KUBE-SVC-${HASH}`, '', 1], ['KUBE-MARK-DROP', '', 0]),
    });
    await s.step('In KUBE-SVC one rule has counted it: that of the pod that answered', {
      on: 'worker2',
      run: look(`KUBE-SVC-${HASH}`),
      see: chain(...endpoints.map((target) => [target, '', pods.get(chosen) === target ? 1 : 0] as const)),
    });
    await s.step('and in its KUBE-SEP the DNAT', {
      on: 'worker2',
      run: look(pods.get(chosen) ?? ''),
      see: chain(['KUBE-MARK-MASQ', '', 0], ['DNAT', `to:${chosen}:80`, 1]),
    });

    s.note('Only the first packet of a connection goes this way. For the others conntrack knows the answer.');
    await s.step('Thirty requests over one connection', {
      on: 'client',
      run: `curl -s 'http://${address}/?[1-30]' | wc -l`,
      see: matches(/^30$/),
    });
    await s.step('are one more packet here', {
      on: 'worker2',
      run: look(`KUBE-FW-${HASH}`),
      see: chain(['KUBE-MARK-MASQ', '', 2], [`KUBE-SVC-${HASH}`, '', 2], ['KUBE-MARK-DROP', '', 0]),
    });
    await s.step('Thirty requests over thirty connections', {
      on: 'client',
      run: `curl -s -H 'Connection: close' 'http://${address}/?[1-30]' | wc -l`,
      see: matches(/^30$/),
    });
    await s.step('are thirty more', {
      on: 'worker2',
      run: look(`KUBE-FW-${HASH}`),
      see: chain(['KUBE-MARK-MASQ', '', 32], [`KUBE-SVC-${HASH}`, '', 32], ['KUBE-MARK-DROP', '', 0]),
    });
    await s.step('which the three endpoints share', {
      on: 'worker2',
      run: look(`KUBE-SVC-${HASH}`),
      see: holds('32 packets in all, some for each endpoint', (seen) => {
        const packets = rulesOf(seen).map((rule) => rule.packets);
        const sum = packets.reduce((one, other) => one + other, 0);
        return (
          (sum === 32 && packets.every((count) => count > 0)) || `packets: ${packets.join(' + ')} = ${sum}`
        );
      }),
    });
  },
});
