import { addressAt, ownerOf } from './block.ts';
import type { IpamContext, Owner } from './context.ts';
import { mustParseNetwork, parseAddress } from './ipv4.ts';
import { affineNode, blockKey } from './objects.ts';
import { blockOf } from './pool.ts';

/** One block as `status` shows it. */
export interface BlockReport {
  readonly cidr: string;
  /** The node it belongs to; absent when that is gone. */
  readonly node?: string;
  readonly size: number;
  readonly used: number;
  readonly addresses: readonly AddressReport[];
}

export interface AddressReport {
  readonly address: string;
  readonly handle: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** In use on another node than the block's. */
  readonly borrowed: boolean;
}

/** All blocks in the order of their addresses. */
export async function listBlocks(ctx: IpamContext): Promise<BlockReport[]> {
  const blocks = (await ctx.store.list('IPAMBlock')).map(({ value }) => value);
  blocks.sort((a, b) => mustParseNetwork(a.cidr).base - mustParseNetwork(b.cidr).base);
  return blocks.map((block) => {
    const node = affineNode(block);
    const addresses = block.allocations.flatMap((index, ordinal) => {
      const owner = index === null ? undefined : block.attributes[index];
      if (!owner) return [];
      const { handle_id: handle, secondary: attributes } = owner;
      const borrowed = attributes.node !== undefined && attributes.node !== node;
      return [{ address: addressAt(block, ordinal), handle, attributes, borrowed }];
    });
    const { length: size } = block.allocations;
    return { cidr: block.cidr, ...(node ? { node } : {}), size, used: addresses.length, addresses };
  });
}

/** Who has one address of the pool. */
export async function ownerOfAddress(ctx: IpamContext, address: string): Promise<Owner | undefined> {
  const number = parseAddress(address);
  const cidr = number === undefined ? undefined : blockOf(ctx.grid, number);
  const block = cidr === undefined ? undefined : await ctx.store.get('IPAMBlock', blockKey(cidr));
  const owner = block && ownerOf(block.value, address);
  return owner && { handle: owner.handle_id, attributes: owner.secondary };
}
