import { formatAddress, mustParseNetwork, parseAddress } from './ipv4.ts';
import { type AllocationAttribute, type AllocationBlock, hostAffinity } from './objects.ts';

/** A new block of a node, all addresses free; the first and the last are usable too (a block is no subnet). */
export function newBlock(cidr: string, node: string): AllocationBlock {
  const { size } = mustParseNetwork(cidr);
  return {
    cidr,
    affinity: hostAffinity(node),
    allocations: new Array<null>(size).fill(null),
    unallocated: Array.from({ length: size }, (_, ordinal) => ordinal),
    attributes: [],
  };
}

/** The address of an ordinal. */
export function addressAt(block: AllocationBlock, ordinal: number): string {
  return formatAddress(mustParseNetwork(block.cidr).base + ordinal);
}

/** The ordinal of an address; undefined when it lies elsewhere. */
export function ordinalOf(block: AllocationBlock, address: string): number | undefined {
  const { base, size } = mustParseNetwork(block.cidr);
  const ordinal = (parseAddress(address) ?? -1) - base;
  return ordinal >= 0 && ordinal < size ? ordinal : undefined;
}

/** Who has an address; undefined when it is free or lies elsewhere. */
export function ownerOf(block: AllocationBlock, address: string): AllocationAttribute | undefined {
  const ordinal = ordinalOf(block, address);
  const index = ordinal === undefined ? null : block.allocations[ordinal];
  return typeof index === 'number' ? block.attributes[index] : undefined;
}

/**
 * Takes the address that has been free for longest.
 *
 * @param isReserved whether an address is kept for whoever asks for it by name
 * @returns undefined when the block is full
 */
export function assignNext(
  block: AllocationBlock,
  owner: AllocationAttribute,
  isReserved: (address: number) => boolean = () => false,
): { block: AllocationBlock; address: string } | undefined {
  const { base } = mustParseNetwork(block.cidr);
  const ordinal = block.unallocated.find((free) => !isReserved(base + free));
  if (ordinal === undefined) return undefined;
  return { block: take(block, ordinal, owner), address: addressAt(block, ordinal) };
}

/**
 * Takes one address that was asked for.
 *
 * @returns undefined when it is taken or lies elsewhere
 */
export function assignAddress(
  block: AllocationBlock,
  address: string,
  owner: AllocationAttribute,
): AllocationBlock | undefined {
  const ordinal = ordinalOf(block, address);
  if (ordinal === undefined || block.allocations[ordinal] !== null) return undefined;
  return take(block, ordinal, owner);
}

function take(block: AllocationBlock, ordinal: number, owner: AllocationAttribute): AllocationBlock {
  const found = block.attributes.findIndex((attribute) => sameOwner(attribute, owner));
  const index = found < 0 ? block.attributes.length : found;
  return {
    ...block,
    allocations: block.allocations.with(ordinal, index),
    unallocated: block.unallocated.filter((free) => free !== ordinal),
    attributes: found < 0 ? [...block.attributes, owner] : block.attributes,
  };
}

function sameOwner(a: AllocationAttribute, b: AllocationAttribute): boolean {
  const keys = Object.keys(a.secondary);
  return (
    a.handle_id === b.handle_id &&
    keys.length === Object.keys(b.secondary).length &&
    keys.every((key) => a.secondary[key] === b.secondary[key])
  );
}

/** Addresses of a handle, in the order of the block. */
export function addressesOf(block: AllocationBlock, handle: string): string[] {
  return ordinalsOf(block, handle).map((ordinal) => addressAt(block, ordinal));
}

/** Gives all addresses of a handle back; their ordinals go to the tail of the free list. */
export function releaseHandle(
  block: AllocationBlock,
  handle: string,
): { block: AllocationBlock; released: string[] } {
  const ordinals = ordinalsOf(block, handle);
  const kept = block.attributes.filter((attribute) => attribute.handle_id !== handle);
  const moved = block.attributes.map((attribute) => kept.indexOf(attribute));
  return {
    released: ordinals.map((ordinal) => addressAt(block, ordinal)),
    block: {
      ...block,
      allocations: block.allocations.map((index, ordinal) =>
        index === null || ordinals.includes(ordinal) ? null : (moved[index] as number),
      ),
      unallocated: [...block.unallocated, ...ordinals],
      attributes: kept,
    },
  };
}

function ordinalsOf(block: AllocationBlock, handle: string): number[] {
  return block.allocations.flatMap((index, ordinal) =>
    index !== null && block.attributes[index]?.handle_id === handle ? [ordinal] : [],
  );
}

/** True when no address is in use. */
export function isEmpty(block: AllocationBlock): boolean {
  return block.allocations.every((index) => index === null);
}

/**
 * What is wrong with a block, for tests and for whoever suspects the datastore: every ordinal is either allocated or
 * in the free list once, and every attribute is used.
 */
export function blockProblems(block: AllocationBlock): string[] {
  const problems: string[] = [];
  const { size } = mustParseNetwork(block.cidr);
  if (block.allocations.length !== size) problems.push(`${block.allocations.length} allocations for ${size}`);
  block.allocations.forEach((index, ordinal) => {
    const free = block.unallocated.filter((o) => o === ordinal).length;
    if (free !== (index === null ? 1 : 0))
      problems.push(`ordinal ${ordinal} is ${free} times in the free list`);
    if (index !== null && !block.attributes[index]) problems.push(`ordinal ${ordinal} has no attribute`);
  });
  block.attributes.forEach((attribute, index) => {
    if (!block.allocations.includes(index)) problems.push(`attribute of ${attribute.handle_id} is not used`);
  });
  return problems;
}
