import { equals, holds, matches, scenario } from '../../lab/scenario/index.ts';

const URL = 'http://10.96.17.201/';
const RULES = { watch: 'xtables-monitor --event' };

export default scenario({
  title: 'ClusterIP: from pods, from nodes, not from outside',
  chapter: 'services',
  figures: ['18', '24'],
  source: '"Kubernetes ClusterIP": "only reachable from within the cluster"',
  about: `The address of a service exists only in the rules of the nodes. Who sends packets through a node can use it: pods,
and the nodes themselves. To everyone else it is an address to which there is no way.`,
  manifests: ['./frontend.yaml'],
  async story(s) {
    for (const worker of ['worker1', 'worker2'] as const) {
      const own = worker === 'worker1' ? '192\\.168\\.104\\.120' : '192\\.168\\.8\\.240';
      await s.step(`A pod on ${worker} uses it, and is seen with its own address`, {
        on: `default/toolbox-${worker}`,
        run: `curl -s --max-time 5 ${URL}`,
        see: matches(
          new RegExp(`^frontend-[123] \\(192\\.168\\.[\\d.]+\\) sees ${own}$`),
          'a frontend sees the pod',
        ),
        within: 10_000,
        until: { ...RULES, on: worker },
      });
    }
    // The node's own address towards its own pods; that of tunl0 towards the others.
    const nodes = [
      { node: 'controlpl1', seen: '(10\\.1\\.110\\.108|192\\.168\\.165\\.192)' },
      { node: 'worker1', seen: '(10\\.1\\.110\\.102|192\\.168\\.104\\.64)' },
      { node: 'worker2', seen: '(10\\.1\\.110\\.107|192\\.168\\.8\\.192)' },
    ] as const;
    for (const { node, seen } of nodes) {
      await s.step(`${node} uses it: its packets take the jump in OUTPUT`, {
        on: node,
        run: `curl -s --max-time 5 ${URL}`,
        see: matches(
          new RegExp(`^frontend-[123] \\(192\\.168\\.[\\d.]+\\) sees ${seen}$`),
          `a frontend sees ${node}`,
        ),
        within: 10_000,
        until: RULES,
      });
    }
    await s.step('The client outside has no answer', {
      on: 'client',
      run: `curl -s --max-time 2 ${URL}`,
      // 28 when the time given was over, 7 when a router says that it knows no way.
      see: [holds('no answer', ({ code }) => code === 28 || code === 7, true), equals('')],
    });
    await s.step('Its router knows no network 10.96.0.0/16', {
      on: 'router',
      run: 'ip route',
      see: holds('no route to 10.96.0.0/16', ({ stdout }) => !/10\.96\./.test(stdout)),
    });

    s.note(
      'It is a matter of routes, not of permission. If the router sent such packets to a node, any node, its rules would do the rest.',
    );
    s.later('The route is taken away', {
      on: 'router',
      run: 'ip route flush exact 10.96.17.201/32',
    });
    await s.act('A route to the service through worker1', {
      on: 'router',
      run: 'ip route replace 10.96.17.201/32 via 10.1.110.102',
    });
    await s.step(
      'Now the client has an answer. Its address is not of the pod network, so KUBE-MARK-MASQ has marked it, and the pod sees worker1',
      {
        on: 'client',
        run: `curl -s --max-time 5 ${URL}`,
        see: matches(
          /^frontend-[123] \(192\.168\.[\d.]+\) sees (10\.1\.110\.102|192\.168\.104\.64)$/,
          'a frontend sees worker1',
        ),
      },
    );
  },
});
