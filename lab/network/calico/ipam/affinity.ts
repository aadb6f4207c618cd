import { isConflict } from '../datastore/index.ts';
import { isEmpty, newBlock } from './block.ts';
import type { IpamContext } from './context.ts';
import { affineNode, affinityKey, blockKey } from './objects.ts';
import { retryOnConflict } from './retry.ts';

/**
 * Claims a block for a node: affinity pending → block → affinity confirmed (libcalico-go lib/ipam, claimAffineBlock).
 * A process that dies in between leaves a pending affinity, which the node's next claim takes up. The block decides:
 * there is one object per block, and its `affinity` says whose it is.
 *
 * @returns false when the block belongs to another node (or to none any more)
 */
export async function claimBlock(ctx: IpamContext, node: string, cidr: string): Promise<boolean> {
  const key = affinityKey(node, cidr);
  return retryOnConflict(`claim block ${cidr} for ${node}`, async () => {
    const pending = { cidr, node, state: 'pending' } as const;
    let affinity = await ctx.store.get('BlockAffinity', key);
    if (!affinity) affinity = await ctx.store.create('BlockAffinity', key, pending);
    else if (affinity.value.state === 'pendingDeletion') {
      affinity = await ctx.store.update('BlockAffinity', key, pending, affinity.revision);
    }
    try {
      await ctx.store.create('IPAMBlock', blockKey(cidr), newBlock(cidr, node));
    } catch (error) {
      if (!isConflict(error)) throw error;
      const existing = await ctx.store.get('IPAMBlock', blockKey(cidr));
      if (!existing) throw error; // deleted this moment: again
      if (affineNode(existing.value) !== node) {
        await ctx.store.delete('BlockAffinity', key, affinity.revision);
        return false;
      }
    }
    if (affinity.value.state !== 'confirmed') {
      await ctx.store.update('BlockAffinity', key, { ...pending, state: 'confirmed' }, affinity.revision);
    }
    return true;
  });
}

/** Blocks that a node has claimed, or began to claim, in the order of their names. */
export async function affineBlocks(ctx: IpamContext, node: string): Promise<string[]> {
  const affinities = await ctx.store.list('BlockAffinity');
  return affinities.filter(({ value }) => value.node === node).map(({ value }) => value.cidr);
}

/**
 * Gives an empty block of a node back to the pool.
 *
 * @returns false when the block holds addresses; it then stays the node's
 */
export async function releaseBlock(ctx: IpamContext, node: string, cidr: string): Promise<boolean> {
  const key = affinityKey(node, cidr);
  return retryOnConflict(`release block ${cidr} of ${node}`, async () => {
    const affinity = await ctx.store.get('BlockAffinity', key);
    if (!affinity) return true;
    const block = await ctx.store.get('IPAMBlock', blockKey(cidr));
    const own = block !== undefined && affineNode(block.value) === node;
    const set = (state: 'confirmed' | 'pendingDeletion') =>
      ctx.store.update('BlockAffinity', key, { ...affinity.value, state }, affinity.revision);
    if (own && !isEmpty(block.value)) {
      if (affinity.value.state === 'pendingDeletion') await set('confirmed');
      return false;
    }
    const { revision } = await set('pendingDeletion');
    if (own) await ctx.store.delete('IPAMBlock', blockKey(cidr), block.revision);
    await ctx.store.delete('BlockAffinity', key, revision);
    return true;
  });
}
