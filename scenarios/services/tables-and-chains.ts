import { contains, holds, KUBECTL, matches, scenario } from '../../lab/scenario/index.ts';

const NODES = ['controlpl1', 'worker1', 'worker2'] as const;
/** Names are hashes of namespace, name, port and protocol, so they are the same in every cluster. */
const DNS = [
  { port: 'dns', chain: 'KUBE-SVC-TCOU7JCQXEZGVUNU', protocol: 'udp', number: 53 },
  { port: 'dns-tcp', chain: 'KUBE-SVC-ERIFXISQEP7F7OF4', protocol: 'tcp', number: 53 },
  { port: 'metrics', chain: 'KUBE-SVC-JD5MR3NA4I4DYORP', protocol: 'tcp', number: 9153 },
] as const;

export default scenario({
  title: 'A service is rules: tables and chains',
  chapter: 'services',
  figures: ['19', '20', '21', '22', '84', '101'],
  about: `No process listens on the address of a service, and no interface has it. kube-proxy writes rules into the nat
table of every node: from PREROUTING and OUTPUT to KUBE-SERVICES, from there to the chain of the service, from there to
the chain of one of its pods, which rewrites the destination (DNAT). Here the cluster's DNS service is followed.`,
  async story(s) {
    s.note(
      'iptables has four tables, which are jobs: raw (leave connection tracking out), mangle (change headers, mark), nat (translate addresses), filter (accept or drop). In each are chains for places on the way of a packet: PREROUTING, INPUT, FORWARD, OUTPUT, POSTROUTING.',
    );
    for (const table of ['raw', 'mangle', 'nat', 'filter'] as const) {
      await s.step(`The chains of ${table} that packets enter by themselves, and how many rules wait there`, {
        on: 'worker2',
        run: `iptables -t ${table} -S | grep -E -- '^-(P|A (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)) '`,
        see: [
          matches(/^-P (PREROUTING|FORWARD) ACCEPT$/, 'a chain that accepts'),
          matches(/^-A [A-Z]+ .*-j cali-/, 'a jump to a chain of Calico'),
        ],
      });
    }
    await s.step('Figure 19: in nat, Calico and then kube-proxy have their entries', {
      on: 'worker2',
      run: 'iptables -L -t nat -nv | grep -A 4 -E "^Chain (PREROUTING|INPUT|OUTPUT|POSTROUTING) "',
      see: [
        matches(
          /^Chain PREROUTING \(policy ACCEPT.*\n.*\n.* cali-PREROUTING .*cali:6gwbT8clXdHdC1b1.*\n.* KUBE-SERVICES .*\/\* kubernetes service portals \*\//,
          'PREROUTING: cali-PREROUTING, KUBE-SERVICES',
        ),
        matches(
          /^Chain OUTPUT \(policy ACCEPT.*\n.*\n.* cali-OUTPUT .*cali:tVnHkvAo15HuiPy0.*\n.* KUBE-SERVICES .*\/\* kubernetes service portals \*\//,
          'OUTPUT: cali-OUTPUT, KUBE-SERVICES',
        ),
        matches(
          /^Chain POSTROUTING \(policy ACCEPT.*\n.*\n.* cali-POSTROUTING .*cali:O3lYWMrLQYEMJtB5.*\n.* KUBE-POSTROUTING .*\/\* kubernetes postrouting rules \*\//,
          'POSTROUTING: cali-POSTROUTING, KUBE-POSTROUTING',
        ),
      ],
    });
    s.note(
      'PREROUTING is for packets that come in, from pods too. Packets of the node itself never pass it; for them there is the same jump in OUTPUT. So "2 references" stands at KUBE-SERVICES.',
    );

    const services = await s.step('Figure 20: KUBE-SERVICES, two rules per service port', {
      on: 'worker2',
      run: 'iptables -L KUBE-SERVICES -t nat -n',
      see: [
        contains('Chain KUBE-SERVICES (2 references)'),
        ...DNS.map(({ port, chain, protocol, number }) =>
          matches(
            new RegExp(
              `^KUBE-MARK-MASQ +(${protocol}|6|17) +-- +!192\\.168\\.0\\.0/16 +10\\.96\\.0\\.10 +/\\* kube-system/kube-dns:${port} cluster IP \\*/ ${protocol} dpt:${number}\\n${chain} +(${protocol}|6|17) +-- +0\\.0\\.0\\.0/0 +10\\.96\\.0\\.10 +/\\* kube-system/kube-dns:${port} cluster IP \\*/ ${protocol} dpt:${number}`,
            ),
            `KUBE-MARK-MASQ for sources outside the pod network, then ${chain}, for 10.96.0.10 ${protocol} ${number}`,
          ),
        ),
        holds('the node ports come last', ({ stdout }) => {
          const last = stdout.trim().split('\n').at(-1) ?? '';
          return /^KUBE-NODEPORTS .*ADDRTYPE match dst-type LOCAL$/.test(last) || last;
        }),
      ],
    });
    await s.step('One chain per service port: as many jumps as chains', {
      on: 'worker2',
      run: "iptables -t nat -S | grep -o -- '^-N KUBE-SVC-.*' | wc -l",
      see: holds('the number of KUBE-SVC chains named in KUBE-SERVICES', ({ stdout }) => {
        const named = new Set(services.stdout.match(/KUBE-SVC-[A-Z2-7]{16}/g)).size;
        return Number(stdout) === named || `${stdout.trim()} chains, ${named} named`;
      }),
    });

    const endpoints = await s.step('The endpoints of the service: two coredns pods', {
      on: KUBECTL,
      run: '-n kube-system get endpoints kube-dns -o jsonpath=\'{range .subsets[0].addresses[*]}{.ip}{"\\n"}{end}\'',
      see: matches(/^192\.168\.[\d.]+\n192\.168\.[\d.]+$/, 'two addresses'),
    });
    const pods = endpoints.stdout.trim().split('\n');
    for (const { port, chain, protocol, number } of DNS) {
      const balanced = await s.step(
        `Figure 21: the chain of ${port} has a rule per pod; the first is taken in half of the cases`,
        {
          on: 'worker2',
          run: `iptables -t nat -S ${chain}`,
          see: holds(
            'two rules, the first with probability 0.50000000000, the second without',
            ({ stdout }) => {
              const rules = stdout.trim().split('\n').slice(1);
              const first = / --mode random --probability 0\.50000000000 -j KUBE-SEP-[A-Z2-7]{16}$/;
              return (
                rules.length === 2 &&
                first.test(rules[0] ?? '') &&
                / -j KUBE-SEP-[A-Z2-7]{16}$/.test(rules[1] ?? '') &&
                !rules[1]?.includes('statistic')
              );
            },
          ),
        },
      );
      const chains = balanced.stdout.match(/KUBE-SEP-[A-Z2-7]{16}/g) ?? [];
      await s.step('The chain of a pod: mark it if it asks itself, then DNAT', {
        on: 'worker2',
        run: chains.map((name) => `iptables -t nat -S ${name}`).join('; '),
        see: pods.map((ip) => {
          const address = ip.replaceAll('.', '\\.');
          return matches(
            new RegExp(
              `^-A (KUBE-SEP-\\S+) -s ${address}/32 -m comment --comment "kube-system/kube-dns:${port}" -j KUBE-MARK-MASQ\\n-A \\1 -p ${protocol} -m comment --comment "kube-system/kube-dns:${port}" -m ${protocol} -j DNAT --to-destination ${address}:${number}$`,
            ),
            `DNAT to ${ip}:${number}`,
          );
        }),
      });
    }
    await s.step('Figure 22: all of that for the port dns in one line each', {
      on: 'worker2',
      run: 'iptables-save | grep kube-dns:dns | grep DNAT',
      see: pods.flatMap((ip) => [
        matches(
          new RegExp(`-p udp .*"kube-system/kube-dns:dns" -m udp -j DNAT --to-destination ${ip}:53$`),
          `udp to ${ip}:53`,
        ),
        matches(
          new RegExp(`-p tcp .*"kube-system/kube-dns:dns-tcp" -m tcp -j DNAT --to-destination ${ip}:53$`),
          `tcp to ${ip}:53`,
        ),
      ]),
    });

    s.note(
      'What KUBE-MARK-MASQ has marked meets KUBE-POSTROUTING at the end of its way and gets the address of the node (Figure 84); what it has not marked leaves that chain at once.',
    );
    await s.step('Figure 84: KUBE-POSTROUTING', {
      on: 'worker2',
      run: 'iptables -t nat -S KUBE-MARK-MASQ; iptables -t nat -S KUBE-POSTROUTING',
      see: [
        contains('-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000'),
        contains(
          [
            '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
            '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
            '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE',
          ].join('\n'),
        ),
      ],
    });
    for (const node of NODES) {
      await s.step(`${node} has the chain, too: the rules are the same on all nodes`, {
        on: node,
        run: 'iptables -t nat -S KUBE-SVC-TCOU7JCQXEZGVUNU',
        see: matches(/-j KUBE-SEP-[A-Z2-7]{16}$/, 'a way to a pod'),
      });
    }
    await s.step('Nobody has the address: it is in rules only', {
      on: 'worker2',
      run: 'ip -o addr; ip route show table all',
      see: holds('no address and no route with 10.96.', ({ stdout }) => !stdout.includes('10.96.')),
    });
  },
});
