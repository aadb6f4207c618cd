import { claims, releaseBlock } from './affinity.ts';
import { isEmpty, releaseHandle } from './block.ts';
import { type IpamContext, isLeftTo } from './context.ts';
import { blocksOfHandle, clearBlock } from './handles.ts';
import { affineNode, affinityKey, blockKey, tunnelHandle } from './objects.ts';
import { inGrid } from './pool.ts';
import { retryOnConflict } from './retry.ts';

/**
 * Gives every address of a handle back. Doing it twice does no harm.
 *
 * @returns the addresses that were released
 */
export async function releaseByHandle(ctx: IpamContext, handle: string): Promise<string[]> {
  const all: string[] = [];
  for (const cidr of await blocksOfHandle(ctx, handle)) {
    const released = await retryOnConflict(`release ${handle} in ${cidr}`, async () => {
      const stored = await ctx.store.get('IPAMBlock', blockKey(cidr));
      const result = stored && releaseHandle(stored.value, handle);
      if (!stored || !result || result.released.length === 0) return [];
      // A block without a node lives as long as its last address.
      if (result.block.affinity === null && isEmpty(result.block)) {
        await ctx.store.delete('IPAMBlock', blockKey(cidr), stored.revision);
      } else {
        await ctx.store.update('IPAMBlock', blockKey(cidr), result.block, stored.revision);
      }
      return result.released;
    });
    await clearBlock(ctx, handle, cidr);
    all.push(...released);
  }
  return all;
}

/** What the nodes that are gone had. */
export interface ReleasedNodes {
  readonly nodes: readonly string[];
  readonly addresses: readonly string[];
  readonly blocks: readonly string[];
}

/**
 * Takes back what nodes held that are not in the cluster any more: every address that carries such a node's name (its
 * pods' wherever they are from, and its tunnel address), then its blocks. A block in which pods of other nodes have
 * borrowed addresses stays without a node until those are free.
 *
 * @param nodes names of the nodes that exist
 * @see calico-kube-controllers, controllers/node/ipam.go
 */
export async function releaseRemovedNodes(
  ctx: IpamContext,
  nodes: readonly string[],
): Promise<ReleasedNodes> {
  const live = new Set(nodes);
  const isGone = (node: string | undefined) => node !== undefined && !live.has(node);
  const blocks = (await ctx.store.list('IPAMBlock')).map(({ value }) => value);
  const owners = blocks.flatMap(({ attributes }) => attributes).filter((a) => isGone(a.secondary.node));
  const addresses: string[] = [];
  for (const handle of new Set(owners.map(({ handle_id }) => handle_id))) {
    addresses.push(...(await releaseByHandle(ctx, handle)));
  }
  const claims = new Map<string, { node: string; cidr: string }>();
  for (const block of blocks) {
    const node = affineNode(block);
    if (node !== undefined) claims.set(affinityKey(node, block.cidr), { node, cidr: block.cidr });
  }
  for (const { key, value } of await ctx.store.list('BlockAffinity')) claims.set(key, value);
  const gone = [...claims.values()].filter(({ node }) => isGone(node));
  for (const { node, cidr } of gone) await releaseBlock(ctx, node, cidr, 'orphan');
  const names = [...gone.map(({ node }) => node), ...owners.map((owner) => owner.secondary.node as string)];
  return { nodes: [...new Set(names)].sort(), addresses, blocks: gone.map(({ cidr }) => cidr) };
}

/**
 * Gives back the blocks of a node that the configuration does not leave to it any more. One that is pinned to another
 * node now and holds pods' addresses stays, and is not filled further. One of an earlier pool or block size is nobody's
 * from now on, and goes with its last address.
 *
 * @returns the blocks that were given back
 */
export async function releaseStaleBlocks(ctx: IpamContext, node: string): Promise<string[]> {
  const claimed = (await claims(ctx, node)).map(({ cidr }) => cidr);
  const stale = claimed.filter((cidr) => !isLeftTo(ctx, node, cidr));
  const tunnel = await blocksOfHandle(ctx, tunnelHandle(node));
  if (tunnel.some((cidr) => stale.includes(cidr))) await releaseByHandle(ctx, tunnelHandle(node));
  const released: string[] = [];
  for (const cidr of stale) {
    const used = inGrid(ctx.grid, cidr) ? 'keep' : 'orphan';
    if (await releaseBlock(ctx, node, cidr, used)) released.push(cidr);
  }
  return released;
}
