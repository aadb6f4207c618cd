import { expect, it } from 'vitest';
import { vethName } from '../../../api/veth.ts';
import { seeds } from '../../../testing/index.ts';
import { calculate, convertPolicy, type Endpoint, endpointOf } from './calc/index.ts';
import { tableRenderer } from './rules/index.ts';
import { policyIpSets, staticIpSets } from './sets/index.ts';
import { tableChange } from './table/index.ts';
import { Interpreter } from './testing/interpreter.ts';
import { NODES, OUTSIDE, PORTS, PROTOCOLS, randomCluster } from './testing/random-cluster.ts';
import { allowed, type Cluster, type End } from './testing/semantics.ts';

const SEEDS = seeds(14, 300);
const POOLS = { podCIDR: '192.168.0.0/16', natOutgoing: true, hosts: ['10.1.110.102', '10.1.110.107'] };

/** What Felix would write on an empty node, read by the model of netfilter. */
function nodeOf(cluster: Cluster, node: string): Interpreter {
  const active = calculate({
    node,
    endpoints: cluster.pods.map(endpointOf).filter((one): one is Endpoint => one !== undefined),
    namespaces: cluster.namespaces,
    policies: cluster.policies.map((policy) =>
      convertPolicy(policy, (problem) => {
        throw new Error(problem);
      }),
    ),
  });
  const filter = tableRenderer({ encapsulated: true, natOutgoing: true })(active).find(
    ({ name }) => name === 'filter',
  );
  if (!filter) throw new Error('no table filter');
  const input = tableChange(filter, new Map())?.input ?? '';
  const sets = [...staticIpSets(POOLS), ...policyIpSets(active.sets)];
  // The model knows no addresses of the node's own; only INPUT and OUTPUT ask for them.
  const lines = input.split('\n').filter((line) => !/ -m addrtype /.test(line));
  return new Interpreter(lines.join('\n'), new Map(sets.map(({ name, members }) => [name, members])));
}

it(`sends packets where Kubernetes' NetworkPolicy says, in ${SEEDS.length} random clusters`, () => {
  let accepted = 0;
  let dropped = 0;
  for (const seed of SEEDS) {
    const cluster = randomCluster(seed);
    const nodes = new Map(NODES.map((node) => [node as string, nodeOf(cluster, node)]));
    const ends: (End & { node?: string; interface: string })[] = [
      ...cluster.pods.map((pod) => ({
        pod,
        address: pod.status?.podIP ?? '',
        node: pod.spec.nodeName ?? '',
        interface: vethName(pod.metadata.namespace ?? '', pod.metadata.name ?? ''),
      })),
      ...OUTSIDE.map((address) => ({ address, interface: 'ens192' })),
    ];
    for (const from of ends) {
      for (const to of ends) {
        if (from === to || (!from.pod && !to.pod)) continue;
        for (const protocol of PROTOCOLS) {
          for (const port of PORTS) {
            // Through every node on the way: the one that sends, and the one that receives.
            const verdicts = [...new Set([from.node, to.node])].flatMap((name) =>
              name === undefined
                ? []
                : [
                    nodes.get(name)?.forward({
                      source: from.address,
                      destination: to.address,
                      protocol,
                      port,
                      in: from.node === name ? from.interface : 'tunl0',
                      out: to.node === name ? to.interface : 'tunl0',
                    }),
                  ],
            );
            const passes = verdicts.every((verdict) => verdict === 'ACCEPT');
            const wanted = allowed(cluster, from, to, protocol, port);
            if (passes !== wanted) {
              const what = `cluster ${seed}: ${from.address} -> ${to.address} ${protocol}/${port}`;
              expect(`${what} ${passes ? 'passes' : 'is dropped'}`).toBe(
                `${what} ${wanted ? 'passes' : 'is dropped'}`,
              );
            }
            if (wanted) accepted++;
            else dropped++;
          }
        }
      }
    }
  }
  // Neither answer is the rare one, or the test would show little.
  expect(accepted).toBeGreaterThan(160 * SEEDS.length);
  expect(dropped).toBeGreaterThan(160 * SEEDS.length);
}, 60_000);

it('drops what comes from or goes to an interface that is no pod of the node', () => {
  const node = nodeOf(randomCluster(1), NODES[0]);
  const packet = { source: '192.168.8.1', destination: '192.168.8.2', protocol: 'tcp', port: 80 } as const;
  expect(node.forward({ ...packet, in: 'califfffffffff', out: 'ens192' })).toBe('DROP');
  expect(node.forward({ ...packet, in: 'ens192', out: 'califfffffffff' })).toBe('DROP');
  expect(node.forward({ ...packet, in: 'ens192', out: 'tunl0' })).toBe('ACCEPT');
});
