import { type From, matches, scenario } from '../../lab/scenario/index.ts';
import { places, rules } from './shop.part.ts';

const sender = (name: string, node: string, address: string): From & { address: string } => ({
  name,
  on: node,
  enter: `nsenter -t $(nodectl pid default/${name}) -n`,
  address,
});

export default scenario({
  title: 'Allowed by address: a block, and an exception',
  chapter: 'policy',
  source: 'Network Policies in the Kubernetes documentation: ipBlock',
  about: `ipBlock is for addresses outside the cluster, and works for all: pods come with their own addresses, since there
is no NAT between them. Here the block of worker2 is allowed, without one of its addresses.`,
  manifests: ['./namespaces.yaml', './default-deny.yaml', './allow-block.yaml'],
  pods: ['./pods.yaml'],
  async story(s) {
    const backend = (await places(s)).find(({ name }) => name === 'shop/backend');
    const address = backend?.address ?? '';
    await rules(
      s,
      'The rule says both: a source in the block, and not the exception',
      'worker1',
      'iptables -S | grep -- "-A cali-pi-"',
      [matches(/-s 192\.168\.8\.192\/26 /), matches(/192\.168\.8\.240\/32 /)],
    );
    const to = [
      { name: 'backend:80', address: `${address}:80` },
      { name: 'backend:8080', address: `${address}:8080` },
    ];
    const net = s.connectivity();
    const allowed = sender('frontend-2', 'worker2', '192.168.8.250');
    const excepted = sender('toolbox-worker2', 'worker2', '192.168.8.240');
    const others = [sender('toolbox-worker1', 'worker1', '192.168.104.120')];
    for (const one of to) {
      net.some(allowed, one, allowed.address);
      net.none(excepted, one);
      for (const other of others) net.none(other, one);
      // tunl0 of worker2 has an address of the block, the first.
      net.some({ name: 'worker2', on: 'worker2' }, one, '192.168.8.192');
    }
    await net.check(
      'In the block, the exception, outside the block, and a node whose tunnel is in the block',
    );
  },
});
