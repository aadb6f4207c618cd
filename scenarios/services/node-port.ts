import { contains, KUBECTL, lines, matches, not, rows, scenario } from '../../lab/scenario/index.ts';

/** Of default/frontend:http; the port of Figure 26 has a name, which is part of what is hashed. */
const CHAIN = 'KUBE-SVC-UHJVR435UML62OOS';
const PODS = [
  { name: 'frontend-1', address: '192.168.104.115', node: 'worker1' },
  { name: 'frontend-2', address: '192.168.8.250', node: 'worker2' },
  { name: 'frontend-3', address: '192.168.8.248', node: 'worker2' },
] as const;
const NODES = [
  { name: 'controlpl1', address: '10.1.110.108', tunl0: '192.168.165.192' },
  { name: 'worker1', address: '10.1.110.102', tunl0: '192.168.104.64' },
  { name: 'worker2', address: '10.1.110.107', tunl0: '192.168.8.192' },
] as const;
const literal = (text: string): string => text.replaceAll('.', '\\.');

export default scenario({
  title: 'NodePort: one port, on every node',
  chapter: 'services',
  figures: ['26', '27', '28'],
  about: `A client outside knows the nodes, not the pods. A service of type NodePort takes a port of all nodes: whoever
asks any node at that port reaches one of the pods, wherever it is. The pod does not see who asked. It sees the node, which
lends its own address so that the answers come back through it.`,
  manifests: ['./frontend-node-port.yaml'],
  async story(s) {
    await s.step('Figure 27: the service and its port', {
      on: KUBECTL,
      run: 'get services',
      see: rows(
        {
          NAME: 'frontend',
          TYPE: 'NodePort',
          'CLUSTER-IP': '10.96.17.201',
          'EXTERNAL-IP': '<none>',
          'PORT(S)': '80:32222/TCP',
        },
        { NAME: 'kubernetes', TYPE: 'ClusterIP', 'CLUSTER-IP': '10.96.0.1' },
      ),
    });
    for (const { name, address, tunl0 } of NODES) {
      await s.step(`KUBE-NODEPORTS of ${name}: mark, then on to the chain of the service`, {
        on: name,
        run: 'iptables -t nat -S KUBE-NODEPORTS',
        see: lines(
          '-A KUBE-NODEPORTS -p tcp -m comment --comment "default/frontend:http" -m tcp --dport 32222 -j KUBE-MARK-MASQ',
          `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/frontend:http" -m tcp --dport 32222 -j ${CHAIN}`,
        ),
        within: 10_000,
        until: { watch: 'xtables-monitor --event' },
      });
      await s.step(`Figure 28: the client asks ${name} forty times, and meets all pods`, {
        on: 'client',
        run: `curl -s --max-time 20 -H 'Connection: close' 'http://${address}:32222/?[1-40]' | sort | uniq -c`,
        see: [
          // To a pod of its own the node lends its address; into the tunnel, the tunnel's.
          ...PODS.map((pod) => {
            const seen = pod.node === name ? `(${literal(address)}|${literal(tunl0)})` : literal(tunl0);
            return matches(
              new RegExp(`^ *\\d+ ${pod.name} \\(${literal(pod.address)}\\) sees ${seen}$`),
              `${pod.name} sees ${pod.node === name ? address : tunl0}`,
            );
          }),
          not(contains('10.1.0.89')),
        ],
      });
    }
    s.note(
      'Forty throws that leave one of three pods out happen once in millions of runs. The client itself, 10.1.0.89, is seen nowhere.',
    );
  },
});
