import { addressesOf } from './block.ts';
import type { IpamContext } from './context.ts';
import { blockKey, type IpamHandle } from './objects.ts';
import { retryOnConflict } from './retry.ts';

/*
 * A handle is written before the block it points to and cleared after it, so at any moment, also when a process has
 * died, every address in use can be found by its handle. The other way round a handle may name a block that holds
 * nothing of it; releasing clears that too.
 */

/**
 * Counts one address more of `handle` in the block `cidr`. A handle is new more often than not, so that is tried before
 * anything is read.
 */
export async function countUp(ctx: IpamContext, handle: string, cidr: string): Promise<void> {
  let supposedNew = true;
  await retryOnConflict(`count an address of ${handle}`, async () => {
    const stored = supposedNew ? undefined : await ctx.store.get('IPAMHandle', handle);
    supposedNew = false;
    const count = (stored?.value.block[cidr] ?? 0) + 1;
    await put(ctx, handle, stored, { ...stored?.value.block, [cidr]: count });
  });
}

/** Takes one {@link countUp} back. */
export async function countDown(ctx: IpamContext, handle: string, cidr: string): Promise<void> {
  await retryOnConflict(`uncount an address of ${handle}`, async () => {
    const stored = await ctx.store.get('IPAMHandle', handle);
    const count = stored?.value.block[cidr];
    if (!stored || count === undefined) return;
    const { [cidr]: _, ...rest } = stored.value.block;
    await put(ctx, handle, stored, count > 1 ? { ...rest, [cidr]: count - 1 } : rest);
  });
}

/** After a block was written: counts again if the handle was cleared meanwhile by a release that came too early. */
export async function ensureCounted(ctx: IpamContext, handle: string, cidr: string): Promise<void> {
  const stored = await ctx.store.get('IPAMHandle', handle);
  if (!stored?.value.block[cidr]) await countUp(ctx, handle, cidr);
}

/** The handle has no address in `cidr` any more. */
export async function clearBlock(ctx: IpamContext, handle: string, cidr: string): Promise<void> {
  await retryOnConflict(`clear ${handle}`, async () => {
    const stored = await ctx.store.get('IPAMHandle', handle);
    if (stored?.value.block[cidr] === undefined) return;
    const { [cidr]: _, ...rest } = stored.value.block;
    await put(ctx, handle, stored, rest);
  });
}

async function put(
  ctx: IpamContext,
  handleID: string,
  stored: { revision: string } | undefined,
  block: IpamHandle['block'],
): Promise<void> {
  if (!stored) await ctx.store.create('IPAMHandle', handleID, { handleID, block });
  else if (Object.keys(block).length === 0) await ctx.store.delete('IPAMHandle', handleID, stored.revision);
  else await ctx.store.update('IPAMHandle', handleID, { handleID, block }, stored.revision);
}

/** CIDRs of the blocks in which a handle may have addresses. */
export async function blocksOfHandle(ctx: IpamContext, handle: string): Promise<string[]> {
  const stored = await ctx.store.get('IPAMHandle', handle);
  return stored ? Object.keys(stored.value.block) : [];
}

/** Addresses of a handle with their blocks. */
export async function addressesByHandle(
  ctx: IpamContext,
  handle: string,
): Promise<{ address: string; block: string }[]> {
  const found: { address: string; block: string }[] = [];
  for (const cidr of await blocksOfHandle(ctx, handle)) {
    const block = await ctx.store.get('IPAMBlock', blockKey(cidr));
    if (block) found.push(...addressesOf(block.value, handle).map((address) => ({ address, block: cidr })));
  }
  return found;
}
