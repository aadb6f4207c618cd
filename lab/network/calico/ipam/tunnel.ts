import { ensureClaimed } from './affinity.ts';
import { autoAssign } from './assign.ts';
import { type IpamContext, isLeftTo, type Owner } from './context.ts';
import { addressesByHandle } from './handles.ts';
import { tunnelHandle } from './objects.ts';
import { releaseByHandle } from './release.ts';

/**
 * The address of a node's tunl0, assigned at the first call and the same ever after; the first of the block when
 * nothing else was assigned before, as when calico-node starts before any pod. An address that is no longer in a block
 * of the node (its pinned block changed, its block was lost, the pool or the block size is another) is exchanged.
 *
 * @throws {IpamError} as {@link autoAssign}
 */
export async function ensureTunnelAddress(ctx: IpamContext, node: string): Promise<string> {
  const handle = tunnelHandle(node);
  const pinned = ctx.config.pinnedBlocks[node];
  const [current] = await addressesByHandle(ctx, handle);
  if (current) {
    const stays = isLeftTo(ctx, node, current.block) && (pinned ?? current.block) === current.block;
    if (stays && (await ensureClaimed(ctx, node, current.block))) return current.address;
    await releaseByHandle(ctx, handle);
  }
  const owner: Owner = { handle, attributes: { node, type: 'ipipTunnelAddress' } };
  return (await autoAssign(ctx, node, owner)).address;
}
