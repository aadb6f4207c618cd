import {
  contains,
  holds,
  KUBECTL,
  matches,
  type Observation,
  rows,
  scenario,
} from '../../lab/scenario/index.ts';

const WORKER1 = { name: 'worker1', node: 'iks-networking-example-cl-iks-networ-7ab29bc950' };
const WORKER2 = {
  name: 'worker2',
  node: 'iks-networking-example-cl-iks-networ-ac625d72ba',
  address: '10.1.110.107',
  mac: '00:50:56:93:1c:47',
};
const literal = (text: string): string => text.replaceAll('.', '\\.');

/** Time of the first line that matches, in seconds; `tcpdump -tt`, `ping -D` and `date +%s.%N` read the same clock. */
function timeOf(lines: readonly string[], pattern: RegExp): number {
  const line = lines.find((text) => pattern.test(text));
  return Number(/\d{10}\.\d+/.exec(line ?? '')?.[0]);
}

/** From the last sign of life to a line of a capture. */
const soonAfter = (since: () => number, pattern: RegExp, most: number, what: string) =>
  holds(`${what} within ${most} s`, ({ stdout }: Observation) => {
    const later = stdout.split('\n').filter((text) => timeOf([text], /./) > since());
    const took = timeOf(later, pattern) - since();
    return Number.isNaN(took) ? `not seen since ${since()}` : took <= most || `it took ${took.toFixed(3)} s`;
  });

export default scenario({
  title: 'The node that answers for the address is gone',
  chapter: 'load-balancer',
  figures: ['60', '61'],
  source: 'MetalLB in layer 2: fail-over',
  about: `All packets for the address go to one node. When its speaker ends it hands the address over; when the node dies the
others notice by its silence. Whoever is next in the order takes the address and tells everybody by gratuitous ARP, so that
the router does not ask the dead.`,
  manifests: ['./failover.yaml'],
  async story(s) {
    const service = await s.step('The load balancer', {
      on: KUBECTL,
      run: 'get service failover',
      see: rows({ NAME: 'failover', TYPE: 'LoadBalancer', 'EXTERNAL-IP': /^10\.1\.110\.\d+$/ }),
      within: 10_000,
      until: { watch: 'get services -w' },
    });
    const address = service.pick(/ (10\.1\.110\.\d+) /);
    await s.step('is at worker2', {
      on: KUBECTL,
      run: 'describe service failover',
      see: matches(new RegExp(`announcing from node "${WORKER2.node}"$`)),
      within: 15_000,
      until: { watch: 'get events -w' },
    });
    const learn = `ip neigh flush to ${address}; ping -c 1 -W 1 ${address} >/dev/null; ip neigh show to ${address}`;
    await s.step('and the router knows it', {
      on: 'router',
      run: learn,
      see: contains(`lladdr ${WORKER2.mac} `),
      within: 10_000,
      until: { watch: 'ip monitor neigh' },
    });
    const link = await s.act('The MAC of worker1', {
      on: 'worker1',
      run: 'cat /sys/class/net/ens192/address',
    });
    const other = link.pick(/^[0-9a-f:]{17}$/);
    const gratuitous = (mac: string): RegExp =>
      new RegExp(`${mac} > ff:ff:ff:ff:ff:ff, .* ${literal(address)} is-at ${mac}`);
    const speaker = (node: string) =>
      `get pods -n iks -l app=metallb,component=speaker --field-selector spec.nodeName=${node} -o jsonpath='{.items[0].metadata.name}'`;

    const arp = await s.capture('Listen at the router for what is said about the address', {
      on: 'router',
      run: `tcpdump -n -e -tt -i nodes arp and host ${address}`,
    });
    const pod = await s.act('The speaker of worker2', { on: KUBECTL, run: speaker(WORKER2.node) });
    const name = pod.pick(/essential-metallb-speaker-\w+/);
    const log = await s.background('and its log', {
      on: KUBECTL,
      run: `logs -n iks ${name} -f`,
      ready: /"service":"default\/failover"/,
    });
    s.note(
      'First the clean way: the speaker is told to end. (The DaemonSet makes a new one, which takes the address back.)',
    );
    await s.act('Delete its pod', { on: KUBECTL, run: `delete pod -n iks ${name} --wait=false` });
    // Its log may tell of services of this name that were deleted before.
    const withdrawal =
      /"event":"serviceWithdrawn".*"reason":"notOwner","service":"default\/failover","ts":"([^"]+)"/g;
    const withdrawals = () => [...log.text.matchAll(withdrawal)].map(([, time = '']) => time);
    await log.sees(
      'It withdraws',
      holds('a line with serviceWithdrawn, notOwner and default/failover', () => withdrawals().length > 0),
    );
    const withdrawn = () => Date.parse(withdrawals().at(-1) ?? '') / 1000;
    await arp.sees(
      'and within a second worker1 says that it has the address now',
      soonAfter(withdrawn, gratuitous(other), 1, `gratuitous ARP of ${other}`),
    );
    await arp.sees(
      'The new speaker of worker2 takes it back',
      holds(`gratuitous ARP of ${WORKER2.mac} after that`, ({ stdout }) => {
        const all = stdout.split('\n');
        const handed = all.findIndex((line) => gratuitous(other).test(line));
        return handed >= 0 && all.slice(handed).some((line) => gratuitous(WORKER2.mac).test(line));
      }),
      { within: 60_000 },
    );
    await s.step('The router knows worker2 again', {
      on: 'router',
      run: `ip neigh show to ${address}`,
      see: contains(`lladdr ${WORKER2.mac} `),
      within: 10_000,
      until: { watch: 'ip monitor neigh' },
    });

    s.note('Now without a word: worker2 loses power, while the client goes on asking.');
    const life = await s.background('A ping says when', {
      on: 'router',
      run: `ping -n -D -i 0.05 ${WORKER2.address}`,
      ready: /icmp_seq=5 /,
    });
    const packets = await s.capture('Listen on worker1 for packets to the address that are sent to its MAC', {
      on: 'worker1',
      // A switch sends frames for a MAC that it has forgotten to all its ports, so others are seen, too.
      run: `tcpdump -n -tt -i ens192 ether dst ${other} and dst host ${address} and tcp port 80`,
    });
    const wire = await s.capture('and at the router once more', {
      on: 'router',
      run: `tcpdump -n -e -tt -i nodes arp and host ${address}`,
    });
    const asking = await s.background('The client', {
      on: 'client',
      run: `while true; do curl -s --connect-timeout 0.3 --max-time 1 http://${address}/ || echo no answer; sleep 0.1; done`,
      ready: / sees /,
    });
    await s.nodeStop('Pull the plug', WORKER2.name, 'power-cut');
    const last = () => timeOf(life.text.trim().split('\n').toReversed(), /bytes from/);
    await wire.sees(
      'worker1 noticed the silence, made sure that nobody answers, and took the address',
      soonAfter(last, gratuitous(other), 3, `gratuitous ARP of ${other}`),
    );
    await packets.sees(
      'The next packet of the client came to worker1',
      soonAfter(last, new RegExp(` > ${literal(address)}\\.80: Flags \\[S\\]`), 3, 'a packet'),
    );
    await life.sees('(The last answer of worker2 was before that)', matches(/icmp_seq=5 /));
    await s.step('The router has learnt it without asking', {
      on: 'router',
      run: `ip neigh show to ${address}`,
      see: contains(`lladdr ${other} `),
    });
    s.note(
      'Two of the three pods were on worker2, and until the control plane takes the node for dead (40 s of silence) kube-proxy still sends connections there. So the client needs luck for a while.',
    );
    const answered = asking.text.length;
    await asking.sees(
      'There are answers again, from worker1',
      holds('an answer of frontend-1 with the address of worker1', ({ stdout }) =>
        /^frontend-1 \(192\.168\.104\.115\) sees 10\.1\.110\.102$/m.test(stdout.slice(answered)),
      ),
      { within: 30_000 },
    );
    await asking.stop();
    await s.step('The events tell who has it now', {
      on: KUBECTL,
      run: 'describe service failover',
      see: matches(new RegExp(`announcing from node "${WORKER1.node}"$`)),
      within: 15_000,
      until: { watch: 'get events -w' },
    });

    await s.nodeStart('Power is back', WORKER2.name);
    await s.ready(
      'The pods of worker2 are back',
      ['default/frontend-2', 'default/frontend-3', 'default/toolbox-worker2'],
      90_000,
    );
    await wire.sees(
      'and worker2 takes the address back',
      holds(`gratuitous ARP of ${WORKER2.mac} after that of ${other}`, ({ stdout }) => {
        const all = stdout.split('\n');
        const moved = all.findIndex((line) => gratuitous(other).test(line));
        return moved >= 0 && all.slice(moved).some((line) => gratuitous(WORKER2.mac).test(line));
      }),
      { within: 90_000 },
    );
    // Until BIRD has its routes again, worker2 sends for pods of worker1 to the router, which knows no way to them.
    const again = await s.background('The client asks again', {
      on: 'client',
      run: `while true; do curl -s --connect-timeout 0.3 --max-time 1 http://${address}/ || echo no answer; sleep 0.1; done`,
      ready: /./,
    });
    await again.sees('and has answers', matches(/^frontend-[123] \(.*\) sees /), { within: 30_000 });
  },
});
