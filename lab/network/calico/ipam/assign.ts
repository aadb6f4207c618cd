import type { Stored } from '../datastore/index.ts';
import { claimBlock, claims, ensureClaimed } from './affinity.ts';
import { assignAddress, assignNext, ownerOf } from './block.ts';
import { blockCandidates } from './block-choice.ts';
import { type Assigned, type IpamContext, isLeftTo, type Owner } from './context.ts';
import { IpamError, PinnedBlockHeldError } from './errors.ts';
import { countDown, countUp, ensureCounted } from './handles.ts';
import { mustParseNetwork, parseAddress } from './ipv4.ts';
import {
  type AllocationAttribute,
  type AllocationBlock,
  affineNode,
  type BlockAffinity,
  blockKey,
} from './objects.ts';
import { blockOf, DEFAULT_MAX_BLOCKS_PER_HOST, inGrid, pinnedNode } from './pool.ts';
import { retryOnConflict } from './retry.ts';

/** Takes an address of a block, or says undefined when this block will not do. Decided anew in every round. */
type Pick = (
  block: AllocationBlock,
  owner: AllocationAttribute,
) => { block: AllocationBlock; address: string } | undefined;

/**
 * An address for a workload of `node`: from the node's own blocks, else from a new one, else, unless affinity is
 * strict, from another node's (libcalico-go lib/ipam, autoAssign). Reserved addresses are left alone.
 *
 * @throws {IpamError} `exhausted`, `contention`, `outside-pool` (the pinned block), `pinned-block-held`
 */
export async function autoAssign(ctx: IpamContext, node: string, owner: Owner): Promise<Assigned> {
  const anyFree: Pick = (block, who) => assignNext(block, who, ctx.isReserved);
  const ownOnly: Pick = (block, who) => (affineNode(block) === node ? anyFree(block, who) : undefined);
  const tried = new Set<string>();
  const claimed = await claims(ctx, node);
  for (const cidr of blocksToTry(ctx, node, claimed)) {
    // The first address is the moment to make or repair the block: a pinned one, or one whose claim was cut short.
    const own = await ensureClaimed(ctx, node, cidr, claimed);
    if (!own && cidr === ctx.config.pinnedBlocks[node]) throw await pinnedBlockHeld(ctx, node, cidr);
    const got = own && (await assignIn(ctx, node, cidr, owner, ownOnly, own));
    if (got) return got;
    tried.add(cidr);
  }
  const most = ctx.config.maxBlocksPerHost ?? DEFAULT_MAX_BLOCKS_PER_HOST;
  while (tried.size < most) {
    const cidr = await claimNext(ctx, node, tried);
    if (cidr === undefined) break;
    const got = await assignIn(ctx, node, cidr, owner, ownOnly);
    if (got) return got;
    tried.add(cidr);
  }
  if (!ctx.config.strictAffinity) {
    const existing = new Set((await ctx.store.list('IPAMBlock')).map(({ value }) => value.cidr));
    for (const cidr of blockCandidates(node, ctx.grid)) {
      const got = existing.has(cidr) && (await assignIn(ctx, node, cidr, owner, anyFree));
      if (got) return got;
    }
  }
  throw await exhausted(ctx, node, [...tried]);
}

/**
 * One particular address, as the annotation `cni.projectcalico.org/ipAddrs` asks for.
 *
 * @throws {IpamError} `outside-pool`, `taken`, `not-affine`, `contention`
 */
export async function assignIP(
  ctx: IpamContext,
  node: string,
  address: string,
  owner: Owner,
): Promise<Assigned> {
  const number = parseAddress(address);
  if (number === undefined) throw new IpamError('outside-pool', `"${address}" is not an IPv4 address`);
  const cidr = blockOf(ctx.grid, number);
  if (cidr === undefined) {
    throw new IpamError('outside-pool', `address ${address} is not in the pool ${ctx.config.cidr}`);
  }
  const pinnedTo = pinnedNode(ctx.config, cidr);
  const foreign = (whose: string) =>
    new IpamError(
      'not-affine',
      `address ${address} is in block ${cidr}, which belongs to ${whose}; with strict affinity ${node} cannot take it`,
    );
  return retryOnConflict(`assign ${address}`, async () => {
    const stored = await ctx.store.get('IPAMBlock', blockKey(cidr));
    if (stored && affineNode(stored.value) === node) await ensureClaimed(ctx, node, cidr);
    if (!stored) {
      if (pinnedTo !== undefined && pinnedTo !== node && ctx.config.strictAffinity) throw foreign(pinnedTo);
      await claimBlock(ctx, pinnedTo ?? node, cidr);
    }
    let refusal: IpamError | undefined;
    const got = await assignIn(ctx, node, cidr, owner, (block, who) => {
      if (ctx.config.strictAffinity && affineNode(block) !== node) {
        refusal = foreign(affineNode(block) ?? 'no node');
        return undefined;
      }
      const next = assignAddress(block, address, who);
      if (!next) refusal = taken(block, address);
      return next && { block: next, address };
    });
    if (got) return got;
    throw refusal ?? new IpamError('contention', `block ${cidr} went away while ${address} was assigned`);
  });
}

async function assignIn(
  ctx: IpamContext,
  node: string,
  cidr: string,
  owner: Owner,
  pick: Pick,
  known?: Stored<AllocationBlock>,
): Promise<Assigned | undefined> {
  const who: AllocationAttribute = { handle_id: owner.handle, secondary: owner.attributes };
  let counted = false;
  let written = false;
  // Good for the first round: should it be out of date, the write is refused.
  let fresh = known;
  try {
    return await retryOnConflict(`assign an address in ${cidr}`, async () => {
      const stored = fresh ?? (await ctx.store.get('IPAMBlock', blockKey(cidr)));
      fresh = undefined;
      const picked = stored && pick(stored.value, who);
      if (!stored || !picked) return undefined;
      if (!counted) {
        await countUp(ctx, owner.handle, cidr);
        counted = true;
      }
      await ctx.store.update('IPAMBlock', blockKey(cidr), picked.block, stored.revision);
      written = true;
      await ensureCounted(ctx, owner.handle, cidr);
      const affine = affineNode(stored.value);
      const borrowed = affine !== undefined && affine !== node;
      return { address: picked.address, block: cidr, ...(borrowed ? { borrowedFrom: affine } : {}) };
    });
  } finally {
    if (counted && !written) await countDown(ctx, owner.handle, cidr);
  }
}

/** The node's pinned block, claimed or not, then its others. Blocks that are not left to it are left alone. */
function blocksToTry(ctx: IpamContext, node: string, claimed: readonly BlockAffinity[]): string[] {
  const pinned = ctx.config.pinnedBlocks[node];
  if (pinned !== undefined && !inGrid(ctx.grid, pinned)) {
    const wanted = `a block of /${ctx.grid.blockSize} of the pool ${ctx.config.cidr}`;
    throw new IpamError('outside-pool', `block ${pinned}, pinned to node ${node}, is not ${wanted}`);
  }
  const own = claimed.map(({ cidr }) => cidr).filter((cidr) => isLeftTo(ctx, node, cidr));
  return pinned === undefined ? own : [pinned, ...own.filter((cidr) => cidr !== pinned)];
}

async function pinnedBlockHeld(ctx: IpamContext, node: string, cidr: string): Promise<PinnedBlockHeldError> {
  const block = await ctx.store.get('IPAMBlock', blockKey(cidr));
  return new PinnedBlockHeldError(node, cidr, block && affineNode(block.value));
}

/** Claims the next free block; one that another process of this node claimed just now will do as well. */
async function claimNext(
  ctx: IpamContext,
  node: string,
  tried: ReadonlySet<string>,
): Promise<string | undefined> {
  const blocks = await ctx.store.list('IPAMBlock');
  const nodes = new Map(blocks.map(({ value }) => [value.cidr, affineNode(value)]));
  const pinned = new Set(Object.values(ctx.config.pinnedBlocks));
  for (const cidr of blockCandidates(node, ctx.grid)) {
    if (tried.has(cidr) || pinned.has(cidr)) continue;
    if (nodes.has(cidr) && nodes.get(cidr) !== node) continue;
    if (await claimBlock(ctx, node, cidr)) return cidr;
  }
  return undefined;
}

function taken(block: AllocationBlock, address: string): IpamError {
  const owner = ownerOf(block, address);
  const { namespace, pod, type } = owner?.secondary ?? {};
  const whose = pod === undefined ? `${type ?? 'handle'} ${owner?.handle_id}` : `pod ${namespace}/${pod}`;
  return new IpamError('taken', `address ${address} is already in use by ${whose} (block ${block.cidr})`);
}

async function exhausted(ctx: IpamContext, node: string, own: string[]): Promise<IpamError> {
  const blocks = (await ctx.store.list('IPAMBlock')).map(({ value }) => value);
  const reserved = blocks
    .flatMap((block) => block.unallocated.map((ordinal) => mustParseNetwork(block.cidr).base + ordinal))
    .filter(ctx.isReserved).length;
  const free = blocks.reduce((sum, block) => sum + block.unallocated.length, 0) - reserved;
  const why = ctx.config.strictAffinity
    ? `strict affinity forbids to take one of the ${free} free in other nodes' blocks`
    : `${free} free in other nodes' blocks`;
  return new IpamError(
    'exhausted',
    `no free address for node ${node} in pool ${ctx.config.cidr}: its blocks (${own.join(', ') || 'none'}) are full, ` +
      `${blocks.length} of ${ctx.grid.count} blocks of /${ctx.grid.blockSize} are claimed, ` +
      `a node may have ${ctx.config.maxBlocksPerHost ?? DEFAULT_MAX_BLOCKS_PER_HOST}, ${why}${reserved > 0 ? `, ${reserved} reserved` : ''}`,
  );
}
