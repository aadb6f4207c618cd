import { contains, holds, lines, matches, scenario } from '../../lab/scenario/index.ts';

const NODES = ['controlpl1', 'worker1', 'worker2'] as const;
const CHAIN = 'KUBE-SVC-ENODL3HWJ5BZY56Q';
const PODS = ['192.168.104.115', '192.168.8.250', '192.168.8.248'];
const REQUESTS = 3000;
/**
 * Critical value of chi-squared with 2 degrees of freedom for alpha = 1e-6: its survival function is exp(-x/2), so it is
 * -2 ln(1e-6). A fair choice among three fails this once in a million runs.
 */
const CRITICAL = -2 * Math.log(1e-6);

export default scenario({
  title: 'Three pods, each a third: the rules throw dice',
  chapter: 'services',
  figures: ['24', '25'],
  source: '"Pod and Service Communication": why the probabilities of the rules differ',
  about: `The rules of a chain are read from the top. With three pods, the first is taken with probability 1/3. What is
left over meets the second, where two pods remain: 1/2. The last takes the rest. 1/3, 2/3 × 1/2, 2/3 × 1/2: all equal.`,
  manifests: ['./frontend.yaml'],
  async story(s) {
    for (const node of NODES) {
      await s.step(`Figure 24: on ${node}, packets for the service go to its chain`, {
        on: node,
        run: 'iptables -t nat -S KUBE-SERVICES | grep default/frontend',
        see: lines(
          '-A KUBE-SERVICES ! -s 192.168.0.0/16 -d 10.96.17.201/32 -p tcp -m comment --comment "default/frontend cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
          `-A KUBE-SERVICES -d 10.96.17.201/32 -p tcp -m comment --comment "default/frontend cluster IP" -m tcp --dport 80 -j ${CHAIN}`,
        ),
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      });
    }
    const listed = await s.step('Figure 25: one third, one half, the rest', {
      on: 'worker1',
      run: `iptables -t nat -L ${CHAIN}`,
      see: matches(
        /^KUBE-SEP-\S+ .*\/\* default\/frontend \*\/ statistic mode random probability 0\.33333333349\nKUBE-SEP-\S+ .*\/\* default\/frontend \*\/ statistic mode random probability 0\.50000000000\nKUBE-SEP-\S+ .*\/\* default\/frontend \*\/\s*$/,
        'three rules: 0.33333333349, 0.50000000000, none',
      ),
    });
    const chains = listed.stdout.match(/^KUBE-SEP-\S+/gm) ?? [];
    await s.step('Each leads to the chain of one pod', {
      on: 'worker1',
      run: chains.map((chain) => `iptables -t nat -S ${chain}`).join('; '),
      see: PODS.flatMap((ip) => [
        contains(`-s ${ip}/32 -m comment --comment "default/frontend" -j KUBE-MARK-MASQ`),
        contains(`-m tcp -j DNAT --to-destination ${ip}:80`),
      ]),
    });

    const counted = await s.act('How often each rule of the chain was taken so far', {
      on: 'worker1',
      run: `iptables -t nat -L ${CHAIN} -nvx`,
    });
    const asked = await s.step(
      `A pod asks ${REQUESTS} times, each time with a new connection. Who answered?`,
      {
        on: 'worker1',
        run: `nsenter -t $(nodectl pid default/toolbox-worker1) -n curl -sS -H 'Connection: close' 'http://10.96.17.201/?[1-${REQUESTS}]' | sort | uniq -c`,
        timeoutMs: 60_000,
        see: holds(
          `${REQUESTS} answers, from the three pods in equal parts (chi-squared below ${CRITICAL.toFixed(2)}: one false alarm in a million)`,
          ({ stdout }) => judgeSpread(parseCounts(stdout)),
        ),
      },
    );
    s.note(
      'All saw 192.168.104.120, the address of the pod that asked: inside the pod network only the destination is translated.',
    );
    const answers = parseCounts(asked.stdout);
    await s.step(
      'The counters of the rules tell the same: a connection meets them once, with its first packet',
      {
        on: 'worker1',
        run: `iptables -t nat -L ${CHAIN} -nvx`,
        see: holds(
          `rules taken at least as often as pods answered (others may use the service, too)`,
          ({ stdout }) => {
            const taken = packets(stdout).map(
              (count, index) => count - (packets(counted.stdout)[index] ?? 0),
            );
            const few = [...answers.values()].sort((a, b) => a - b);
            const more = [...taken].sort((a, b) => a - b);
            return (
              (taken.length === 3 && few.every((count, index) => (more[index] ?? 0) >= count)) ||
              `taken ${taken.join(', ')}, answered ${few.join(', ')}`
            );
          },
        ),
      },
    );
  },
});

/** `  1004 frontend-1 (192.168.104.115) sees 192.168.104.120` → frontend-1: 1004, if all saw the pod's own address. */
function parseCounts(stdout: string): Map<string, number> {
  const line = /^\s*(\d+) (frontend-[123]) \(\S+\) sees 192\.168\.104\.120$/gm;
  return new Map([...stdout.matchAll(line)].map(([, count, name]) => [name ?? '', Number(count)]));
}

function judgeSpread(counts: ReadonlyMap<string, number>): true | string {
  const all = [...counts.values()];
  const sum = all.reduce((a, b) => a + b, 0);
  if (counts.size !== 3 || sum !== REQUESTS) return `${sum} answers of ${counts.size} pods`;
  const expected = REQUESTS / 3;
  const chiSquared = all.reduce((a, count) => a + (count - expected) ** 2 / expected, 0);
  return chiSquared < CRITICAL || `chi-squared is ${chiSquared.toFixed(1)}`;
}

/** The packet counters of a chain's rules, in order. */
function packets(listing: string): number[] {
  return [...listing.matchAll(/^\s*(\d+)\s+\d+\s+KUBE-SEP-/gm)].map(([, count]) => Number(count));
}
