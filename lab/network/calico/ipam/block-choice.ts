import { fnv1 } from './fnv.ts';
import { GoRand } from './go-rand.ts';
import { type BlockGrid, blockAt } from './pool.ts';

/**
 * Index of the block at which a node starts to look for a free one: Go's math/rand seeded with the FNV-1 hash of the
 * node's name (libcalico-go lib/ipam, randomBlockGenerator). Spread over the pool, so that nodes that start together
 * rarely want the same block, and the same at every start.
 */
export function firstBlockIndex(nodeName: string, blockCount: number): number {
  return new GoRand(fnv1(nodeName)).bigIntBelow(blockCount);
}

/** The block that a node claims first in an empty pool. */
export function firstBlock(nodeName: string, grid: BlockGrid): string {
  return blockAt(grid, firstBlockIndex(nodeName, grid.count));
}

/** Every block of the pool in the order in which a node tries them: from its first on, wrapping at the end. */
export function* blockCandidates(nodeName: string, grid: BlockGrid): Generator<string> {
  const first = firstBlockIndex(nodeName, grid.count);
  for (let i = 0; i < grid.count; i++) yield blockAt(grid, (first + i) % grid.count);
}
