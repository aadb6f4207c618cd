import { contains, matches, scenario } from '../../lab/scenario/index.ts';

export default scenario({
  title: 'Hairpin: a pod reaches itself through its service',
  chapter: 'services',
  figures: ['25'],
  source: 'the first rule of each KUBE-SEP chain',
  about: `A pod that asks its own service may be given itself. The packet goes out by its cable and comes back by the same
cable. Were only the destination translated, the pod would see a packet from its own address, and its answer would never
leave it. Therefore the rule before each DNAT marks what comes from the pod itself, and the node lends it its address.`,
  manifests: ['./frontend.yaml'],
  async story(s) {
    const enter = 'nsenter -t $(nodectl pid default/frontend-1) -n';
    const dnat = await s.step('The chain of frontend-1', {
      on: 'worker1',
      run: 'iptables -t nat -S | grep -- "default/frontend\\" -m tcp -j DNAT --to-destination 192.168.104.115:80"',
      see: matches(/^-A KUBE-SEP-[A-Z2-7]{16} -p tcp /, 'DNAT to 192.168.104.115:80'),
      within: 10_000,
      until: { watch: 'xtables-monitor --event' },
    });
    await s.step('marks what comes from frontend-1', {
      on: 'worker1',
      run: `iptables -t nat -S ${dnat.pick(/(KUBE-SEP-\S+)/)}`,
      see: contains('-s 192.168.104.115/32 -m comment --comment "default/frontend" -j KUBE-MARK-MASQ'),
    });
    const link = await s.act("The node's end of the cable of frontend-1", {
      on: 'worker1',
      run: 'ip route show 192.168.104.115',
    });
    const cable = await s.capture('Listen on it', {
      on: 'worker1',
      run: `tcpdump -n -i ${link.pick(/dev (cali[0-9a-f]{11})/)} tcp port 80`,
    });
    const asked = await s.step('frontend-1 asks its service forty times', {
      on: 'worker1',
      run: `${enter} curl -s --max-time 20 -H 'Connection: close' 'http://10.96.17.201/?[1-40]' | sort | uniq -c`,
      see: [
        matches(
          /^ *\d+ frontend-1 \(192\.168\.104\.115\) sees (10\.1\.110\.102|192\.168\.104\.64)$/,
          'itself sees the node',
        ),
        matches(
          /^ *\d+ frontend-2 \(192\.168\.8\.250\) sees 192\.168\.104\.115$/,
          'frontend-2 sees frontend-1',
        ),
        matches(
          /^ *\d+ frontend-3 \(192\.168\.8\.248\) sees 192\.168\.104\.115$/,
          'frontend-3 sees frontend-1',
        ),
      ],
    });
    const node = asked.pick(/frontend-1 \S+ sees (\S+)/);
    const address = node.replaceAll('.', '\\.');
    await cable.sees(
      'The same cable carries the packet twice: out of the pod, and, translated, back into it',
      [
        matches(/ IP 192\.168\.104\.115\.\d+ > 10\.96\.17\.201\.80: Flags \[S\]/, 'pod > service'),
        matches(
          new RegExp(` IP ${address}\\.\\d+ > 192\\.168\\.104\\.115\\.80: Flags \\[S\\]`),
          `${node} > pod`,
        ),
        matches(
          new RegExp(` IP 192\\.168\\.104\\.115\\.80 > ${address}\\.\\d+: Flags \\[S\\.\\]`),
          `pod > ${node}`,
        ),
        matches(/ IP 10\.96\.17\.201\.80 > 192\.168\.104\.115\.\d+: Flags \[S\.\]/, 'service > pod'),
      ],
    );
    await s.step('Connection tracking keeps both translations in one line', {
      on: 'worker1',
      run: 'conntrack -L -p tcp --orig-src 192.168.104.115 --orig-dst 10.96.17.201 --reply-src 192.168.104.115',
      see: matches(
        new RegExp(
          ` src=192\\.168\\.104\\.115 dst=10\\.96\\.17\\.201 sport=\\d+ dport=80 src=192\\.168\\.104\\.115 dst=${address} sport=80 dport=\\d+ `,
        ),
        `src=192.168.104.115 dst=10.96.17.201 …, src=192.168.104.115 dst=${node}`,
      ),
    });
  },
});
