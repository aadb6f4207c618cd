import { autoAssign } from './assign.ts';
import type { IpamContext, Owner } from './context.ts';
import { addressesByHandle } from './handles.ts';
import { affineNode, blockKey, tunnelHandle } from './objects.ts';
import { releaseByHandle } from './release.ts';

/**
 * The address of a node's tunl0, assigned at the first call and the same ever after; the first of the block when
 * nothing else was assigned before, as when calico-node starts before any pod. An address that is no longer in a block
 * of the node (its pinned block changed, its block was lost) is exchanged.
 *
 * @throws {IpamError} as {@link autoAssign}
 */
export async function ensureTunnelAddress(ctx: IpamContext, node: string): Promise<string> {
  const handle = tunnelHandle(node);
  const pinned = ctx.config.pinnedBlocks[node];
  const [current] = await addressesByHandle(ctx, handle);
  if (current) {
    const block = await ctx.store.get('IPAMBlock', blockKey(current.block));
    const own = block !== undefined && affineNode(block.value) === node;
    if (own && (pinned === undefined || pinned === current.block)) return current.address;
    await releaseByHandle(ctx, handle);
  }
  const owner: Owner = { handle, attributes: { node, type: 'ipipTunnelAddress' } };
  return (await autoAssign(ctx, node, owner)).address;
}
