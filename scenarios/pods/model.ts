import { contains, type From, matches, scenario, type To } from '../../lab/scenario/index.ts';

interface Place {
  readonly name: string;
  readonly node: string;
  readonly from: From;
  readonly to: To;
  readonly kind: 'pod' | 'agent';
  readonly address: string;
}

const NODES = [
  { name: 'controlpl1', address: '10.1.110.108', tunl0: '192.168.165.192' },
  { name: 'worker1', address: '10.1.110.102', tunl0: '192.168.104.64' },
  { name: 'worker2', address: '10.1.110.107', tunl0: '192.168.8.192' },
];

export default scenario({
  title: 'The three rules of the Kubernetes network, pair by pair',
  chapter: 'pods',
  source: '"Virtual cables and virtual Ethernet (veth) pairs"; "How Kubernetes Networking is Different"',
  about: `Whatever network plugin a cluster has, three rules hold: pods reach all pods on all nodes without NAT; the agents
of a node reach all pods on it; pods in the host network of a node reach all pods on all nodes without NAT. Here every
pair is asked. Each server answers with the address that it saw, so NAT would show.`,
  pods: ['./model.yaml'],
  async story(s) {
    const own = await s.step('The pod on the control plane has an address of its block', {
      on: 'controlpl1',
      run: 'nsenter -t $(nodectl pid default/model-controlpl1) -n ip -4 -o addr show eth0',
      see: matches(/inet 192\.168\.165\.\d+\/32 /),
    });

    const pod = (name: string, node: string, address: string): Place => ({
      name,
      node,
      kind: 'pod',
      address,
      from: { name, on: node, enter: `nsenter -t $(nodectl pid default/${name}) -n` },
      to: { name, address },
    });
    const agent = ({ name, address }: { name: string; address: string }): Place => ({
      name,
      node: name,
      kind: 'agent',
      address,
      from: { name, on: name },
      to: { name: `${name}:8080`, address: `${address}:8080` },
    });
    const places = [
      pod('model-controlpl1', 'controlpl1', own.pick(/inet ([\d.]+)\//)),
      pod('frontend-1', 'worker1', '192.168.104.115'),
      pod('frontend-2', 'worker2', '192.168.8.250'),
      pod('frontend-3', 'worker2', '192.168.8.248'),
      ...NODES.map(agent),
    ];

    for (const place of places.filter(({ kind, name }) => kind === 'agent' || name.startsWith('model-'))) {
      await s.step(`The web server of ${place.to.name} is up`, {
        on: place.node,
        run: `curl -s --retry 5 --retry-connrefused http://${place.to.address}/`,
        see: contains(' sees '),
      });
    }

    const net = s.connectivity();
    for (const from of places) {
      for (const to of places) {
        if (from !== to) net.some(from.from, to.to, seenAs(from, to));
      }
    }
    await net.check('Who reaches whom, and as whom? A row asks, a column answers');
    s.note(
      'Only one kind of pair shows another address: a pod that asks a node other than its own. That is no pod-to-pod traffic: the address of the node is outside the pod network, and to the outside a node lends its pods its own address (natOutgoing of the pool).',
    );
  },
});

function seenAs(from: Place, to: Place): readonly string[] {
  const node = NODES.find(({ name }) => name === from.node);
  if (!node) return [];
  // Rule 1, and a pod to its own node: the pod's own address.
  if (from.kind === 'pod') return [to.kind === 'pod' || to.node === from.node ? from.address : node.address];
  if (to.kind === 'agent') return [node.address];
  // Rules 2 and 3: an address of the node. Into tunl0 it is tunl0's own; into a cable, which has no address, the
  // kernel takes that of another interface, the first it finds (inet_select_addr).
  return to.node === from.node ? [node.address, node.tunl0] : [node.tunl0];
}
