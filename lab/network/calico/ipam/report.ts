import { addressAt } from './block.ts';
import type { IpamContext } from './context.ts';
import { mustParseNetwork } from './ipv4.ts';
import { affineNode } from './objects.ts';

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
