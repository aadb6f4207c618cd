import { describe, expect, it, vi } from 'vitest';
import { PAPER_CLUSTER } from '../../../api/cluster.fixture.ts';
import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import { MemoryDatastore } from '../datastore/index.ts';
import { Ipam, type IpamKinds, poolConfig } from '../ipam/index.ts';
import { claimAddress, isController, tidyUp } from './claim.ts';

const node = (name: string, podBlock?: string, role: NodeConfig['role'] = 'worker'): NodeConfig => ({
  name,
  nodeName: `cluster-${name}`,
  role,
  address: '10.1.110.1',
  prefixLength: 24,
  interface: 'ens192',
  podBlock,
});
const cluster = (...nodes: NodeConfig[]): ClusterConfig => ({
  ...PAPER_CLUSTER,
  nodes: [node('cp', undefined, 'control-plane'), ...nodes],
});
const BLOCK = '192.168.8.192/26';

/** The same store seen with another topology, as after `up`. */
function world() {
  const store = new MemoryDatastore<IpamKinds>();
  const ipamOf = (config: ClusterConfig) => new Ipam(store, poolConfig(config));
  const waiting: (() => void)[] = [];
  const problems: (string | undefined)[] = [];
  const claim = (config: ClusterConfig, name: string) =>
    claimAddress({
      ipam: ipamOf(config),
      cluster: config,
      self: config.nodes.find((candidate) => candidate.name === name) as NodeConfig,
      changed: () => new Promise((resolve) => waiting.push(resolve)),
      onHeld: async (problem) => void problems.push(problem),
    });
  const wake = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { ipamOf, claim, problems, wake };
}

describe('a node that was renamed', () => {
  it('gets its pinned block when the control plane has released the old name', async () => {
    const { ipamOf, claim, problems, wake } = world();
    const before = cluster(node('old', BLOCK));
    await claim(before, 'old');
    const pod = { namespace: 'default', pod: 'frontend-2', node: 'cluster-old' };
    await ipamOf(before).assignIP('cluster-old', '192.168.8.250', { handle: 'net.c1', attributes: pod });

    const after = cluster(node('new', BLOCK));
    const claimed = claim(after, 'new');
    await vi.waitFor(() => expect(problems.at(-1)).toBeDefined());
    expect(problems.at(-1)).toBe(
      `block ${BLOCK} is pinned to node cluster-new but belongs to node cluster-old: that is not in the cluster any more, calico-node of cp takes the block back when it starts`,
    );
    expect(await ipamOf(after).blocksOfNode('cluster-new')).toEqual([]);

    const log = await tidyUp(ipamOf(after), after);
    expect(log).toContain('released of nodes that are gone (cluster-old): 192.168.8.192/26');
    expect(log).toContain('192.168.8.250');
    expect(await tidyUp(ipamOf(after), after)).toBeUndefined();
    wake();
    expect(await claimed).toBe('192.168.8.192');
    expect(problems.at(-1)).toBeUndefined();
  });
});

describe('a block pinned to one node and used by another', () => {
  it('makes the first wait and say why, until it is free', async () => {
    const { ipamOf, claim, problems, wake } = world();
    await claim(cluster(node('a', BLOCK), node('b')), 'a');
    const after = cluster(node('a'), node('b', BLOCK));
    const handle = 'net.c1';
    await ipamOf(cluster(node('a', BLOCK))).autoAssign('cluster-a', { handle, attributes: {} });

    const claimed = claim(after, 'b');
    await vi.waitFor(() => expect(problems.at(-1)).toBeDefined());
    expect(problems.at(-1)).toMatch(
      /^block 192.168.8.192\/26 is pinned to node cluster-b but belongs to node/,
    );
    expect(problems.at(-1)).toContain('restart calico-node of cluster-a');

    // cluster-a's calico-node starts with the pod gone: it gives the block back and takes another.
    await ipamOf(after).releaseByHandle(handle);
    expect(await claim(after, 'a')).not.toMatch(/^192\.168\.8\./);
    wake();
    expect(await claimed).toBe('192.168.8.192');
    expect(await ipamOf(after).blocksOfNode('cluster-a')).not.toContain(BLOCK);
  });

  it('lets two nodes swap their blocks', async () => {
    const { claim, wake } = world();
    const other = '192.168.104.64/26';
    const before = cluster(node('a', BLOCK), node('b', other));
    await claim(before, 'a');
    await claim(before, 'b');
    const after = cluster(node('a', other), node('b', BLOCK));
    const first = claim(after, 'a');
    expect(await claim(after, 'b')).toBe('192.168.8.192');
    wake();
    expect(await first).toBe('192.168.104.64');
  });
});

it('is for the first control-plane node to tidy up', () => {
  const config = cluster(node('w'), node('cp2', undefined, 'control-plane'));
  expect(config.nodes.filter((self) => isController(config, self)).map(({ name }) => name)).toEqual(['cp']);
});
