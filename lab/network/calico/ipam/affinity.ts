import { isConflict, type Stored } from '../datastore/index.ts';
import { isEmpty, newBlock } from './block.ts';
import type { IpamContext } from './context.ts';
import {
  type AllocationBlock,
  affineNode,
  affinityKey,
  type BlockAffinity,
  blockKey,
  hostAffinity,
} from './objects.ts';
import { inGrid } from './pool.ts';
import { retryOnConflict } from './retry.ts';

/**
 * Claims a block for a node: affinity pending → block → affinity confirmed (libcalico-go lib/ipam, claimAffineBlock).
 * A process that dies in between leaves a pending affinity, which the node's next claim takes up. The block decides:
 * there is one object per block, and its `affinity` says whose it is.
 *
 * @returns the block, undefined when it belongs to another node (or to none any more, and is not pinned to this one)
 */
export async function claimBlock(
  ctx: IpamContext,
  node: string,
  cidr: string,
): Promise<Stored<AllocationBlock> | undefined> {
  const key = affinityKey(node, cidr);
  return retryOnConflict(`claim block ${cidr} for ${node}`, async () => {
    const pending = { cidr, node, state: 'pending' } as const;
    let affinity = await ctx.store.get('BlockAffinity', key);
    if (!affinity) affinity = await ctx.store.create('BlockAffinity', key, pending);
    else if (affinity.value.state === 'pendingDeletion') {
      affinity = await ctx.store.update('BlockAffinity', key, pending, affinity.revision);
    }
    const block = await makeOrTakeBlock(ctx, node, cidr);
    if (!block) {
      await ctx.store.delete('BlockAffinity', key, affinity.revision);
      return undefined;
    }
    if (affinity.value.state !== 'confirmed') {
      await ctx.store.update('BlockAffinity', key, { ...pending, state: 'confirmed' }, affinity.revision);
    }
    return block;
  });
}

/** @returns the block when it is the node's now */
async function makeOrTakeBlock(
  ctx: IpamContext,
  node: string,
  cidr: string,
): Promise<Stored<AllocationBlock> | undefined> {
  try {
    return await ctx.store.create('IPAMBlock', blockKey(cidr), newBlock(cidr, node));
  } catch (error) {
    if (!isConflict(error)) throw error;
    const existing = await ctx.store.get('IPAMBlock', blockKey(cidr));
    if (!existing) throw error; // deleted this moment: again
    // Calico leaves a block whose node has gone alone until its last address is free. A pinned block is the lab's own
    // idea: its node must get it even while pods of other nodes borrow addresses of it.
    if (existing.value.affinity === null && ctx.config.pinnedBlocks[node] === cidr) {
      const taken = { ...existing.value, affinity: hostAffinity(node) };
      return ctx.store.update('IPAMBlock', blockKey(cidr), taken, existing.revision);
    }
    return affineNode(existing.value) === node ? existing : undefined;
  }
}

/**
 * Claims a block unless it is the node's already.
 *
 * @param known the node's affinities where they have just been read: every reading is a round trip that a pod waits for
 * @returns the block, undefined when it belongs to another node
 */
export async function ensureClaimed(
  ctx: IpamContext,
  node: string,
  cidr: string,
  known?: readonly BlockAffinity[],
): Promise<Stored<AllocationBlock> | undefined> {
  const affinity = known
    ? known.find((candidate) => candidate.cidr === cidr)
    : (await ctx.store.get('BlockAffinity', affinityKey(node, cidr)))?.value;
  const block = affinity?.state === 'confirmed' ? await affineBlock(ctx, node, cidr) : undefined;
  return block ?? claimBlock(ctx, node, cidr);
}

/** Blocks that a node has claimed, or began to claim or to give back, in the order of their names. */
export async function claims(ctx: IpamContext, node: string): Promise<BlockAffinity[]> {
  const affinities = await ctx.store.list('BlockAffinity');
  return affinities.map(({ value }) => value).filter((affinity) => affinity.node === node);
}

/**
 * Blocks that are a node's beyond doubt: the affinity confirmed, the block there and affine to the node, and of the
 * present pool and block size. A pending affinity says only that a claim began. Another node may have won the block,
 * and whoever announced it then would draw its traffic into a black hole.
 */
export async function affineBlocks(ctx: IpamContext, node: string): Promise<string[]> {
  const affine: string[] = [];
  for (const { value } of await ctx.store.list('BlockAffinity')) {
    if (value.node !== node || value.state !== 'confirmed' || !inGrid(ctx.grid, value.cidr)) continue;
    if (await affineBlock(ctx, node, value.cidr)) affine.push(value.cidr);
  }
  return affine;
}

async function affineBlock(
  ctx: IpamContext,
  node: string,
  cidr: string,
): Promise<Stored<AllocationBlock> | undefined> {
  const block = await ctx.store.get('IPAMBlock', blockKey(cidr));
  return block && affineNode(block.value) === node ? block : undefined;
}

/**
 * Gives a block of a node back to the pool.
 *
 * @param used what becomes of a block that holds addresses: the node keeps it, or it stays without a node until the
 * last address is free (Calico's releaseBlockAffinity with and without `requireEmpty`)
 * @returns false when the node has kept it
 */
export async function releaseBlock(
  ctx: IpamContext,
  node: string,
  cidr: string,
  used: 'keep' | 'orphan',
): Promise<boolean> {
  const key = affinityKey(node, cidr);
  return retryOnConflict(`release block ${cidr} of ${node}`, async () => {
    const affinity = await ctx.store.get('BlockAffinity', key);
    const block = await ctx.store.get('IPAMBlock', blockKey(cidr));
    const own = block !== undefined && affineNode(block.value) === node;
    const set = async (state: 'confirmed' | 'pendingDeletion') =>
      affinity &&
      (await ctx.store.update('BlockAffinity', key, { ...affinity.value, state }, affinity.revision));
    if (own && used === 'keep' && !isEmpty(block.value)) {
      if (affinity?.value.state === 'pendingDeletion') await set('confirmed');
      return false;
    }
    const marked = await set('pendingDeletion');
    if (own && isEmpty(block.value)) await ctx.store.delete('IPAMBlock', blockKey(cidr), block.revision);
    else if (own) {
      const orphan = { ...block.value, affinity: null };
      await ctx.store.update('IPAMBlock', blockKey(cidr), orphan, block.revision);
    }
    if (marked) await ctx.store.delete('BlockAffinity', key, marked.revision);
    return true;
  });
}
