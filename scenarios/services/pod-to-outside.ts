import { contains, equals, holds, matches, not, scenario } from '../../lab/scenario/index.ts';

const SERVER = "socat -d -d TCP-LISTEN:8080,reuseaddr,fork SYSTEM:'echo seen as $SOCAT_PEERADDR'";

export default scenario({
  title: 'natOutgoing: when the node lends a pod its address, and when not',
  chapter: 'services',
  figures: ['83'],
  source:
    '"Pod to External Communication in Kubernetes" and "Outbound Communication": the node translates, then the network around it',
  about: `Packets of pods to pods keep their addresses. What leaves the pod network would not find its way back, so Calico's
rule in POSTROUTING gives it the address of the node: if the source is in a pool with natOutgoing, and the destination is in
no pool. To the internet a second translation follows at the router, whose network is private, too.`,
  async story(s) {
    await s.step('Figure 83: the rule', {
      on: 'worker1',
      run: 'iptables -L cali-nat-outgoing -t nat -nv',
      see: matches(
        /^ *\d+[KMG]? +\d+[KMG]? MASQUERADE .*\/\* cali:flqWnvo8yq4ULQLa \*\/.* match-set cali40masq-ipam-pools src ! match-set cali40all-ipam-pools dst/,
        'MASQUERADE … cali40masq-ipam-pools src ! … cali40all-ipam-pools dst',
      ),
    });
    for (const set of ['cali40masq-ipam-pools', 'cali40all-ipam-pools']) {
      await s.step(`The set ${set} has the pod network`, {
        on: 'worker1',
        run: `ipset list ${set}`,
        see: matches(/^Members:\n(.*\n)*192\.168\.0\.0\/16$/, '192.168.0.0/16'),
      });
    }
    await s.step('From pod to pod: the address of the pod', {
      on: 'default/toolbox-worker1',
      run: 'curl -s --max-time 5 http://192.168.8.250/',
      see: equals('frontend-2 (192.168.8.250) sees 192.168.104.120'),
    });

    const near = await s.background('A server on the client, which is outside the cluster but near', {
      on: 'client',
      run: SERVER,
      ready: /listening on /,
    });
    await s.step('To the client: the address of the node', {
      on: 'default/toolbox-worker1',
      run: 'nc -d -w 5 10.1.0.89 8080',
      see: contains('seen as 10.1.110.102'),
    });
    await near.sees(
      'The server agrees',
      matches(/accepting connection from .*10\.1\.110\.102:\d+/, 'from 10.1.110.102'),
    );

    const far = await s.background('A server in the internet', {
      on: 'internet',
      run: SERVER,
      ready: /listening on /,
    });
    const capture = await s.capture('What the internet sees', {
      on: 'internet',
      run: 'tcpdump -n -i any tcp port 8080',
    });
    const before = await s.act('How often the rule was taken', {
      on: 'worker1',
      run: 'iptables -L cali-nat-outgoing -t nat -nvx',
    });
    await s.step('To the internet: the address of the router', {
      on: 'default/toolbox-worker1',
      run: 'nc -d -w 5 203.0.113.10 8080',
      see: contains('seen as 203.0.113.1'),
    });
    await far.sees(
      'The server agrees',
      matches(/accepting connection from .*203\.0\.113\.1:\d+/, 'from 203.0.113.1'),
    );
    await capture.sees('and so does the wire', [
      matches(/ IP 203\.0\.113\.1\.\d+ > 203\.0\.113\.10\.8080: Flags \[S\]/, '203.0.113.1 > 203.0.113.10'),
      matches(/ IP 203\.0\.113\.10\.8080 > 203\.0\.113\.1\.\d+: Flags \[S\.\]/, '203.0.113.10 > 203.0.113.1'),
      not(contains('10.1.110.')),
      not(contains('192.168.')),
    ]);
    await s.step('The rule was taken: once per connection, with its first packet', {
      on: 'worker1',
      run: 'iptables -L cali-nat-outgoing -t nat -nvx',
      see: holds('a greater counter', ({ stdout }) => {
        const [then, now] = [taken(before.stdout), taken(stdout)];
        return now > then || `${then} before, ${now} now`;
      }),
    });
    await s.step('First translation: what worker1 remembers', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --orig-src 192.168.104.120 --orig-dst 203.0.113.10',
      see: matches(
        / src=192\.168\.104\.120 dst=203\.0\.113\.10 sport=\d+ dport=8080 src=203\.0\.113\.10 dst=10\.1\.110\.102 sport=8080 /,
        'the answer comes to 10.1.110.102 and is for 192.168.104.120',
      ),
    });
    await s.step('Second translation: what the router remembers', {
      on: 'router',
      run: 'conntrack -L -p tcp --orig-src 10.1.110.102 --orig-dst 203.0.113.10',
      see: matches(
        / src=10\.1\.110\.102 dst=203\.0\.113\.10 sport=\d+ dport=8080 src=203\.0\.113\.10 dst=203\.0\.113\.1 sport=8080 /,
        'the answer comes to 203.0.113.1 and is for 10.1.110.102',
      ),
    });
  },
});

/** The packet counter of the MASQUERADE rule. */
function taken(listing: string): number {
  return Number(/^\s*(\d+)\s+\d+\s+MASQUERADE/m.exec(listing)?.[1] ?? Number.NaN);
}
