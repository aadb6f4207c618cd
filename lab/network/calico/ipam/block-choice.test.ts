import { describe, expect, it } from 'vitest';
import { blockCandidates, firstBlock, firstBlockIndex } from './block-choice.ts';
import { fnv1 } from './fnv.ts';
import { GoRand } from './go-rand.ts';
import { blockGrid } from './pool.ts';

const grid = blockGrid({
  cidr: '192.168.0.0/16',
  blockSize: 26,
  strictAffinity: false,
  pinnedBlocks: {},
});

describe('GoRand', () => {
  it("gives the numbers of Go's rand.New(rand.NewSource(1))", () => {
    const rand = new GoRand(1);
    expect([rand.uint32(), rand.uint32(), rand.uint32()]).toEqual([2596996162, 4039455774, 2854263694]);
  });
});

// White-paper clusters: node names and the blocks their routing tables show.
const NODES = [
  ['iks-networking-example-cl-iks-networ-ac625d72ba', 953136134, 35, '192.168.8.192/26'],
  ['iks-networking-example-cl-iks-networ-7ab29bc950', 1235775911, 417, '192.168.104.64/26'],
  ['iks-networking-example-cl-iks-networ-77d409d785', 2754009676, 174, '192.168.43.128/26'],
  ['iks-networking-example-cl-controlpl-20fb4f7567', 110741638, 44, '192.168.11.0/26'],
  ['iks-networking-example-cl-controlpl-1c6b752d90', 3795411054, 663, '192.168.165.192/26'],
] as const;

describe('block choice', () => {
  it.each(NODES)('starts for %s at the block of the figures', (node, hash, index, block) => {
    expect(fnv1(node)).toBe(hash);
    expect(firstBlockIndex(node, 1024)).toBe(index);
    expect(firstBlock(node, grid)).toBe(block);
  });

  it('tries every block once, upwards from the first, wrapping at the end of the pool', () => {
    const blocks = [...blockCandidates(NODES[4][0], grid)];
    expect(blocks.slice(0, 2)).toEqual(['192.168.165.192/26', '192.168.166.0/26']);
    expect(blocks.indexOf('192.168.0.0/26')).toBe(blocks.indexOf('192.168.255.192/26') + 1);
    expect(new Set(blocks).size).toBe(1024);
  });

  it('has one choice in a pool of one block', () => {
    expect(firstBlockIndex('any', 1)).toBe(0);
  });
});
