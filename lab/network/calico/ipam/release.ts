import { affineBlocks, releaseBlock } from './affinity.ts';
import { isEmpty, releaseHandle } from './block.ts';
import type { IpamContext } from './context.ts';
import { blocksOfHandle, clearBlock } from './handles.ts';
import { blockKey, tunnelHandle } from './objects.ts';
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

export interface ReleasedBlocks {
  /** Blocks that went back to the pool. */
  readonly released: readonly string[];
  /** Blocks that still hold addresses, and so stay with the node that is gone. */
  readonly kept: readonly string[];
}

/**
 * Takes back what nodes held that are not in the cluster any more: their tunnel addresses and their empty blocks, as
 * calico-kube-controllers does.
 *
 * @param nodes names of the nodes that exist
 */
export async function releaseRemovedNodes(
  ctx: IpamContext,
  nodes: readonly string[],
): Promise<ReleasedBlocks> {
  const affinities = await ctx.store.list('BlockAffinity');
  const gone = new Set(affinities.map(({ value }) => value.node).filter((node) => !nodes.includes(node)));
  const released: string[] = [];
  const kept: string[] = [];
  for (const node of gone) {
    await releaseByHandle(ctx, tunnelHandle(node));
    for (const cidr of await affineBlocks(ctx, node)) {
      ((await releaseBlock(ctx, node, cidr)) ? released : kept).push(cidr);
    }
  }
  return { released, kept };
}
