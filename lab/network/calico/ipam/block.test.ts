import { describe, expect, it } from 'vitest';
import {
  addressesOf,
  assignAddress,
  assignNext,
  blockProblems,
  isEmpty,
  newBlock,
  ownerOf,
  releaseHandle,
} from './block.ts';
import type { AllocationBlock } from './objects.ts';

const owner = (pod: string) => ({ handle_id: `k8s-pod-network.${pod}`, secondary: { pod } });

function fill(block: AllocationBlock, pods: string[]): { block: AllocationBlock; addresses: string[] } {
  const addresses: string[] = [];
  for (const pod of pods) {
    const next = assignNext(block, owner(pod));
    if (!next) throw new Error('full');
    block = next.block;
    addresses.push(next.address);
  }
  return { block, addresses };
}

describe('block', () => {
  it('gives addresses in order, the first and the last too', () => {
    const pods = Array.from({ length: 64 }, (_, i) => `p${i}`);
    const { block, addresses } = fill(newBlock('192.168.8.192/26', 'worker2'), pods);
    expect(addresses[0]).toBe('192.168.8.192');
    expect(addresses[63]).toBe('192.168.8.255');
    expect(assignNext(block, owner('one-more'))).toBeUndefined();
    expect(blockProblems(block)).toEqual([]);
  });

  it('gives a released address again only after the rest of the block', () => {
    const { block } = fill(newBlock('10.0.0.0/30', 'n'), ['a', 'b']);
    const { block: freed, released } = releaseHandle(block, owner('a').handle_id);
    expect(released).toEqual(['10.0.0.0']);
    expect(fill(freed, ['c', 'd', 'e']).addresses).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.0']);
  });

  it('gives an address that is asked for, once', () => {
    const block = assignAddress(newBlock('192.168.8.192/26', 'n'), '192.168.8.193', owner('a'));
    expect(block && ownerOf(block, '192.168.8.193')).toEqual(owner('a'));
    expect(block && assignAddress(block, '192.168.8.193', owner('b'))).toBeUndefined();
    expect(block && assignAddress(block, '192.168.9.1', owner('b'))).toBeUndefined();
    expect(block && fill(block, ['x', 'y']).addresses).toEqual(['192.168.8.192', '192.168.8.194']);
  });

  it('keeps the other attributes when a handle is released', () => {
    const { block } = fill(newBlock('10.0.0.0/29', 'n'), ['a', 'b', 'a', 'c']);
    const { block: rest, released } = releaseHandle(block, owner('a').handle_id);
    expect(released).toEqual(['10.0.0.0', '10.0.0.2']);
    expect(addressesOf(rest, owner('c').handle_id)).toEqual(['10.0.0.3']);
    expect(rest.attributes).toEqual([owner('b'), owner('c')]);
    expect(blockProblems(rest)).toEqual([]);
    const { block: none } = releaseHandle(
      releaseHandle(rest, owner('b').handle_id).block,
      owner('c').handle_id,
    );
    expect(isEmpty(none)).toBe(true);
  });

  it('knows a damaged block', () => {
    const block = newBlock('10.0.0.0/30', 'n');
    expect(blockProblems({ ...block, unallocated: [0, 1, 2, 3, 3] })).toHaveLength(1);
    expect(blockProblems({ ...block, allocations: [0, null, null, null] })).toHaveLength(2);
  });
});
