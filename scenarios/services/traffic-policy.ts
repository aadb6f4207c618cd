import {
  contains,
  equals,
  exitCode,
  holds,
  KUBECTL,
  matches,
  not,
  scenario,
} from '../../lab/scenario/index.ts';

const ask = (node: string, times: number): string =>
  `curl -s --max-time 20 -H 'Connection: close' 'http://${node}:32228/?[1-${times}]' | sort | uniq -c`;

export default scenario({
  title: 'externalTrafficPolicy: Cluster takes a detour, Local may take none',
  chapter: 'services',
  source: '"Load Balancer External Traffic Policy"',
  about: `With policy Cluster every node serves a request from outside, if need be with a pod on another node: one more hop,
and the pod sees a node instead of the client. With policy Local a node uses its own pods only. The pod sees the client, no
hop is added, and a node without such a pod drops the request. controlpl1 has none.`,
  manifests: ['./traffic-policy.yaml'],
  async story(s) {
    await s.step('Policy Cluster: controlpl1 sends to all pods', {
      on: 'controlpl1',
      run: 'iptables -t nat -S KUBE-NODEPORTS | grep default/policy',
      see: matches(
        /--dport 32228 -j KUBE-MARK-MASQ\n.*--dport 32228 -j KUBE-SVC-[A-Z2-7]{16}$/,
        'mark, then KUBE-SVC',
      ),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const wire = await s.capture("Listen to controlpl1's tunnel", {
      on: 'controlpl1',
      run: 'tcpdump -n -i ens192 proto 4',
    });
    await s.step('The client asks controlpl1; the pod sees the mouth of its tunnel', {
      on: 'client',
      run: ask('10.1.110.108', 1),
      see: matches(
        /^ *1 frontend-[123] \(192\.168\.[\d.]+\) sees 192\.168\.165\.192$/,
        'the pod sees 192.168.165.192',
      ),
    });
    await wire.sees('The detour: controlpl1 to the node of the pod, and all the way back', [
      matches(
        / IP 10\.1\.110\.108 > 10\.1\.110\.(102|107): IP 192\.168\.165\.192\.\d+ > 192\.168\.[\d.]+\.80: Flags \[S\]/,
        'SYN through the tunnel',
      ),
      matches(
        / IP 10\.1\.110\.(102|107) > 10\.1\.110\.108: IP 192\.168\.[\d.]+\.80 > 192\.168\.165\.192\.\d+: Flags \[S\.\]/,
        'SYN-ACK through the tunnel',
      ),
    ]);

    await s.act('Policy Local', {
      on: KUBECTL,
      run: `patch service policy -p '{"spec":{"externalTrafficPolicy":"Local"}}'`,
    });
    const jump = await s.step('worker1: no mark, and a chain that knows its own pods only', {
      on: 'worker1',
      run: 'iptables -t nat -S KUBE-NODEPORTS | grep default/policy',
      see: matches(/^-A KUBE-NODEPORTS -p tcp .*--dport 32228 -j KUBE-XLB-[A-Z2-7]{16}$/, 'KUBE-XLB'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const local = jump.pick(/-j (KUBE-XLB-\S+)/);
    await s.step('There is one on worker1', {
      on: 'worker1',
      run: `iptables -t nat -S ${local}`,
      see: [
        matches(/"Balancing rule 0 for default\/policy" -j KUBE-SEP-[A-Z2-7]{16}$/, 'Balancing rule 0'),
        not(contains('Balancing rule 1')),
      ],
    });
    await s.step('So worker1 always answers with it, and it sees the client', {
      on: 'client',
      run: ask('10.1.110.102', 20),
      see: equals('     20 frontend-1 (192.168.104.115) sees 10.1.0.89'),
    });
    await s.step('Only the destination is translated', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --orig-src 10.1.0.89 --orig-port-dst 32228',
      see: matches(
        / src=10\.1\.0\.89 dst=10\.1\.110\.102 sport=\d+ dport=32228 src=192\.168\.104\.115 dst=10\.1\.0\.89 sport=80 /,
        'client → worker1; frontend-1 → client',
      ),
    });
    await s.step('worker2 has two', {
      on: 'worker2',
      run: `iptables -t nat -S ${local}`,
      see: matches(/"Balancing rule 1 for default\/policy" -j KUBE-SEP-[A-Z2-7]{16}$/, 'Balancing rule 1'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    await s.step('and uses both', {
      on: 'client',
      run: ask('10.1.110.107', 40),
      see: [
        matches(/^ *\d+ frontend-2 \(192\.168\.8\.250\) sees 10\.1\.0\.89$/, 'frontend-2 sees 10.1.0.89'),
        matches(/^ *\d+ frontend-3 \(192\.168\.8\.248\) sees 10\.1\.0\.89$/, 'frontend-3 sees 10.1.0.89'),
        not(contains('frontend-1')),
      ],
    });

    await s.step('controlpl1 has none, and will drop what comes from outside', {
      on: 'controlpl1',
      run: `iptables -t nat -S ${local}`,
      see: matches(/"default\/policy has no local endpoints" -j KUBE-MARK-DROP$/, 'KUBE-MARK-DROP'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    const drops = (text: string): number =>
      Number(/^\s*(\d+)\s+\d+\s+DROP\s.*0x8000/m.exec(text)?.[1] ?? Number.NaN);
    const before = await s.act('How much it has dropped so far', {
      on: 'controlpl1',
      run: 'iptables -L KUBE-FIREWALL -nvx',
    });
    await s.step('The client waits in vain', {
      on: 'client',
      run: 'curl -s --max-time 2 http://10.1.110.108:32228/',
      see: [exitCode(28), equals('')],
    });
    await s.step('Its packets were dropped', {
      on: 'controlpl1',
      run: 'iptables -L KUBE-FIREWALL -nvx',
      see: holds('more packets in the counter of the drop', ({ stdout }) => {
        const [then, now] = [drops(before.stdout), drops(stdout)];
        return now > then || `${then} before, ${now} now`;
      }),
    });
    await s.step('Inside nothing has changed: controlpl1 itself reaches all pods', {
      on: 'controlpl1',
      run: 'curl -s --max-time 5 http://10.96.17.212/',
      see: matches(/^frontend-[123] \(192\.168\.[\d.]+\) sees /, 'a frontend answers'),
    });
  },
});
