import { contains, equals, holds, KUBECTL, matches, not, scenario } from '../../lab/scenario/index.ts';

const UDP = 'KUBE-SVC-TCOU7JCQXEZGVUNU';
const TCP = 'KUBE-SVC-ERIFXISQEP7F7OF4';

export default scenario({
  title: 'The way of a DNS question through the tables',
  chapter: 'dns',
  figures: ['98', '101'],
  source: '"Querying Cluster DNS" and the listing of KUBE-SERVICES in "How to Inspect Kubernetes Networking"',
  about: `kube-dns is a service like any other, with three ports, so there are three chains of rules for it. A question
over UDP takes KUBE-SERVICES, then the service's chain, then that of one of two endpoints, where its destination is
changed.`,
  async story(s) {
    const found = await s.step('The two CoreDNS pods', {
      on: KUBECTL,
      run: "get endpoints kube-dns -n kube-system -o jsonpath='{.subsets[*].addresses[*].ip}'",
      see: matches(/^192\.168\.\d+\.\d+ 192\.168\.\d+\.\d+$/),
    });
    const pods = found.stdout.trim().split(' ');
    await s.step('Every packet of a pod passes KUBE-SERVICES', {
      on: 'worker1',
      run: 'iptables -t nat -S PREROUTING',
      see: contains('-j KUBE-SERVICES'),
    });
    await s.step('One rule per port leads on: 53 over UDP, 53 over TCP, the metrics', {
      on: 'worker1',
      run: 'iptables -t nat -S KUBE-SERVICES | grep kube-system/kube-dns',
      see: [
        matches(
          new RegExp(`-d 10\\.96\\.0\\.10/32 -p udp .*kube-dns:dns cluster IP" -m udp --dport 53 -j ${UDP}$`),
        ),
        matches(
          new RegExp(
            `-d 10\\.96\\.0\\.10/32 -p tcp .*kube-dns:dns-tcp cluster IP" -m tcp --dport 53 -j ${TCP}$`,
          ),
        ),
        matches(/kube-dns:metrics cluster IP" -m tcp --dport 9153 -j KUBE-SVC-JD5MR3NA4I4DYORP$/),
      ],
    });
    const chain = await s.step('The chain throws a coin', {
      on: 'worker1',
      run: `iptables -t nat -S ${UDP}`,
      see: [
        matches(/--mode random --probability 0\.50000000000 -j KUBE-SEP-\w{16}$/),
        matches(/"kube-system\/kube-dns:dns" -j KUBE-SEP-\w{16}$/),
      ],
    });
    const endpoints = [...chain.stdout.matchAll(/-j (KUBE-SEP-\w+)/g)].map(([, name]) => name ?? '');
    const translated: string[] = [];
    for (const endpoint of endpoints) {
      const rule = await s.step(`${endpoint} is one of the pods`, {
        on: 'worker1',
        run: `iptables -t nat -S ${endpoint}`,
        see: matches(
          new RegExp(`-p udp .*-j DNAT --to-destination (${pods.join('|').replaceAll('.', '\\.')}):53$`),
        ),
      });
      translated.push(rule.pick(/--to-destination ([\d.]+):53$/));
    }
    await s.step('so that both pods are there', {
      on: 'worker1',
      run: `iptables -t nat -S | grep -- '-p udp .*--to-destination' | grep -o '[0-9.]*:53$' | sort`,
      see: equals(
        [...translated]
          .sort()
          .map((address) => `${address}:53`)
          .join('\n'),
      ),
    });

    const packets = async (sentence: string, atLeast = 0): Promise<number> => {
      const sum = (text: string): number =>
        [...text.matchAll(/^\s*(\d+)\s+\d+ KUBE-SEP-/gm)].reduce((all, [, one]) => all + Number(one), 0);
      const seen = await s.step(sentence, {
        on: 'worker1',
        run: `iptables -t nat -L ${UDP} -nvx`,
        see: holds(`at least ${atLeast} packets`, ({ stdout }) => sum(stdout) >= atLeast),
      });
      return sum(seen.stdout);
    };
    const before = await packets('The counters of the chain now');
    const capture = await s.capture('Listen for what arrives at the pods', {
      on: 'worker1',
      run: "tcpdump -n -i any 'src host 192.168.104.120 and udp port 53'",
    });
    // A port that is still in conntrack would be no new connection, and a question of before may have had it by chance.
    await s.act('conntrack forgets the questions of before', {
      on: 'worker1',
      run: 'conntrack -D -p udp -s 192.168.104.120 --dport 53; true',
    });
    await s.step('A pod asks twenty times, each time from another port', {
      on: 'default/toolbox-worker1',
      run: 'for i in $(seq 20); do dig -b 0.0.0.0#$((20000 + i)) +short kubernetes.default.svc.cluster.local; done | sort | uniq -c',
      see: matches(/^\s*20 10\.96\.0\.1$/),
      timeoutMs: 60_000,
    });
    await packets(
      'have counted twenty more: the table nat sees only the first packet of each connection',
      before + 20,
    );
    // All twenty to one pod: once in half a million.
    await capture.sees(
      'and both pods had their share',
      pods.map((address) =>
        matches(
          new RegExp(` Out IP 192\\.168\\.104\\.120\\.\\d+ > ${address.replaceAll('.', '\\.')}\\.53: `),
        ),
      ),
    );
    await s.step('Over TCP another chain is taken, to the same pods', {
      on: 'worker1',
      run: `iptables -t nat -S ${TCP}`,
      see: [matches(/--probability 0\.50000000000 -j KUBE-SEP-/), not(contains(endpoints[0] ?? 'KUBE-SEP'))],
    });
    await s.step('with the same answer', {
      on: 'default/toolbox-worker1',
      run: 'dig +tcp +short kubernetes.default.svc.cluster.local',
      see: equals('10.96.0.1'),
    });
  },
});
