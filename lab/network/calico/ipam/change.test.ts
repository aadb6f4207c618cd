import { describe, expect, it } from 'vitest';
import { MemoryDatastore } from '../datastore/index.ts';
import { Ipam, type IpamKinds, type PoolConfig } from './index.ts';
import { storeProblems } from './store-problems.ts';

/** One datastore, as it outlives changes of the topology. */
function world() {
  const store = new MemoryDatastore<IpamKinds>();
  const ipam = (config: Partial<PoolConfig> = {}) =>
    new Ipam(store, {
      cidr: '192.168.0.0/16',
      blockSize: 26,
      strictAffinity: false,
      pinnedBlocks: {},
      ...config,
    });
  return { store, ipam };
}
const BLOCK = '192.168.8.192/26';
const pod = (name: string, node: string) => ({
  handle: `net.${name}`,
  attributes: { namespace: 'default', pod: name, node },
});

describe('blocksOfNode', () => {
  it('leaves out a claim that another node won, whose process died before it saw that', async () => {
    const { store, ipam } = world();
    const pinnedBlocks = { winner: BLOCK };
    await ipam({ pinnedBlocks }).ensureTunnelAddress('winner');
    const value = { cidr: BLOCK, node: 'loser', state: 'pending' } as const;
    await store.create('BlockAffinity', 'loser-192-168-8-192-26', value);
    expect(await ipam().blocksOfNode('loser')).toEqual([]);
    await store.create('BlockAffinity', 'liar-192-168-8-192-26', {
      ...value,
      node: 'liar',
      state: 'confirmed',
    });
    expect(await ipam().blocksOfNode('liar')).toEqual([]);
    expect(await ipam().blocksOfNode('winner')).toEqual([BLOCK]);
  });

  it('leaves out blocks of an earlier pool or block size', async () => {
    const { ipam } = world();
    await ipam().autoAssign('n', pod('p', 'n'));
    expect(await ipam({ cidr: '10.244.0.0/16' }).blocksOfNode('n')).toEqual([]);
    expect(await ipam({ blockSize: 27 }).blocksOfNode('n')).toEqual([]);
    expect(await ipam().blocksOfNode('n')).toHaveLength(1);
  });
});

describe('another pool or block size', () => {
  it.each([
    ['pool', { cidr: '10.244.0.0/16' }, /^10\.244\./],
    ['block size', { blockSize: 28 }, /^192\.168\./],
  ])('another %s: tunl0 moves, the empty block goes', async (_, config, address) => {
    const { store, ipam } = world();
    const before = await ipam().ensureTunnelAddress('n');
    const [block = ''] = await ipam().blocksOfNode('n');
    const later = ipam(config);
    expect(await later.releaseStaleBlocks('n')).toEqual([block]);
    expect(await later.ensureTunnelAddress('n')).toMatch(address);
    expect(await later.ensureTunnelAddress('n')).toBe(await later.ensureTunnelAddress('n'));
    const blocks = await later.blocksOfNode('n');
    expect(blocks).toHaveLength(1);
    expect(blocks).not.toContain(block);
    expect(before).toMatch(/^192\.168\./);
    expect(await storeProblems(store)).toEqual([]);
  });

  it('moves tunl0 also while pods hold the old block, which goes with the last of them', async () => {
    const { store, ipam } = world();
    await ipam().ensureTunnelAddress('n');
    await ipam().autoAssign('n', pod('p', 'n'));
    const later = ipam({ cidr: '10.244.0.0/16' });
    const [old = ''] = await ipam().blocksOfNode('n');
    expect(await later.releaseStaleBlocks('n')).toEqual([old]);
    expect(await store.get('IPAMBlock', old.replace(/[./]/g, '-'))).toMatchObject({
      value: { affinity: null },
    });
    expect(await later.ensureTunnelAddress('n')).toMatch(/^10\.244\./);
    expect((await later.autoAssign('n', pod('q', 'n'))).address).toMatch(/^10\.244\./);
    await later.releaseByHandle(pod('p', 'n').handle);
    expect(await store.get('IPAMBlock', old.replace(/[./]/g, '-'))).toBeUndefined();
    expect(await storeProblems(store)).toEqual([]);
  });

  it('refuses a pinned block that is not of the pool', async () => {
    const later = world().ipam({ blockSize: 27, pinnedBlocks: { n: BLOCK } });
    await expect(later.ensureTunnelAddress('n')).rejects.toThrow(
      `block ${BLOCK}, pinned to node n, is not a block of /27 of the pool 192.168.0.0/16`,
    );
  });
});

describe('a node that is gone', () => {
  it('leaves nothing: neither addresses, its own and borrowed, nor blocks', async () => {
    const { store, ipam } = world();
    const before = ipam({ pinnedBlocks: { gone: BLOCK } });
    await before.ensureTunnelAddress('gone');
    await before.ensureTunnelAddress('stays');
    await before.assignIP('gone', '192.168.8.250', pod('frontend-2', 'gone'));
    const [own = ''] = await before.blocksOfNode('stays');
    const borrowed = own.replace(/\d+\/26$/, (last) => String(Number.parseInt(last, 10) + 9));
    await before.assignIP('gone', borrowed, pod('far', 'gone'));

    const released = await ipam().releaseRemovedNodes(['stays']);
    expect(released).toMatchObject({ nodes: ['gone'], blocks: [BLOCK] });
    expect([...released.addresses].sort()).toEqual(['192.168.8.192', '192.168.8.250', borrowed].sort());
    expect(await ipam().listBlocks()).toMatchObject([{ cidr: own, used: 1 }]);
    expect(await storeProblems(store)).toEqual([]);
    expect(await ipam().releaseRemovedNodes(['stays'])).toEqual({ nodes: [], addresses: [], blocks: [] });

    const moved = await ipam().assignIP('stays', '192.168.8.250', pod('frontend-2', 'stays'));
    expect(moved.address).toBe('192.168.8.250');
  });

  it("leaves a block without a node while other nodes' pods borrow of it; whoever it is pinned to gets it", async () => {
    const { store, ipam } = world();
    const before = ipam({ pinnedBlocks: { old: BLOCK } });
    await before.ensureTunnelAddress('old');
    await before.assignIP('stays', '192.168.8.200', pod('far', 'stays'));
    await ipam().releaseRemovedNodes(['stays', 'new']);
    expect(await ipam().listBlocks()).toMatchObject([{ cidr: BLOCK, used: 1 }]);
    expect(await ipam().claimBlock('stays', BLOCK)).toBe(false);
    expect(await storeProblems(store)).toEqual([]);

    const renamed = ipam({ pinnedBlocks: { new: BLOCK } });
    expect(await renamed.ensureTunnelAddress('new')).toMatch(/^192\.168\.8\./);
    expect(await renamed.blocksOfNode('new')).toEqual([BLOCK]);
    expect((await renamed.listBlocks())[0]).toMatchObject({ node: 'new', used: 2 });
    expect(await storeProblems(store)).toEqual([]);
  });

  it('goes with its last address when the block has no node', async () => {
    const { store, ipam } = world();
    await ipam({ pinnedBlocks: { old: BLOCK } }).ensureTunnelAddress('old');
    await ipam().assignIP('stays', '192.168.8.200', pod('far', 'stays'));
    await ipam().releaseRemovedNodes(['stays']);
    await ipam().releaseByHandle(pod('far', 'stays').handle);
    for (const kind of ['IPAMBlock', 'BlockAffinity', 'IPAMHandle'] as const) {
      expect(await store.list(kind)).toEqual([]);
    }
  });
});

describe('a pinned block that another node has', () => {
  it('is an error, not another block', async () => {
    const { ipam } = world();
    await ipam({ pinnedBlocks: { a: BLOCK } }).ensureTunnelAddress('a');
    const later = ipam({ pinnedBlocks: { b: BLOCK } });
    const error = { code: 'pinned-block-held', cidr: BLOCK, holder: 'a' };
    await expect(later.ensureTunnelAddress('b')).rejects.toMatchObject(error);
    await expect(later.autoAssign('b', pod('p', 'b'))).rejects.toThrow(
      `block ${BLOCK} is pinned to node b but belongs to node a`,
    );
    expect(await later.blocksOfNode('b')).toEqual([]);
    expect(await later.releaseStaleBlocks('a')).toEqual([BLOCK]);
    expect(await later.ensureTunnelAddress('b')).toBe('192.168.8.192');
  });
});

it('tells who has an address', async () => {
  const { ipam } = world();
  await ipam().assignIP('n', '192.168.8.250', pod('p', 'n'));
  expect(await ipam().ownerOf('192.168.8.250')).toEqual(pod('p', 'n'));
  for (const address of ['192.168.8.251', '192.168.50.1', '10.0.0.1', 'x']) {
    expect(await ipam().ownerOf(address)).toBeUndefined();
  }
});
