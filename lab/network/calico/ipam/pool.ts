import type { ClusterConfig } from '../../../api/cluster.ts';
import { formatNetwork, inNetwork, mustParseNetwork, type Network } from './ipv4.ts';

/** Calico's IPPool and IPAMConfig in one, and the blocks that the topology pins to nodes. */
export interface PoolConfig {
  /** e.g. `192.168.0.0/16`. */
  readonly cidr: string;
  /** Prefix length of blocks, e.g. 26. */
  readonly blockSize: number;
  /** Take addresses only from blocks of the node itself. */
  readonly strictAffinity: boolean;
  /** Node name → block that this node claims first and no other node claims. */
  readonly pinnedBlocks: Readonly<Record<string, string>>;
  /** Given to nobody who does not ask for one by name, as Calico's IPReservation has it; none when absent. */
  readonly reservedCIDRs?: readonly string[];
  /** Blocks a node may have at once (Calico's MaxBlocksPerHost); 20 when absent. */
  readonly maxBlocksPerHost?: number;
}

export const DEFAULT_MAX_BLOCKS_PER_HOST = 20;

/** The part of the cluster's configuration that IPAM needs. */
export function poolConfig(cluster: ClusterConfig): PoolConfig {
  const pinned = cluster.nodes.flatMap((node) => (node.podBlock ? [[node.nodeName, node.podBlock]] : []));
  return {
    cidr: cluster.podCIDR,
    blockSize: cluster.blockSize,
    strictAffinity: cluster.strictAffinity,
    pinnedBlocks: Object.fromEntries(pinned),
    reservedCIDRs: cluster.reservedCIDRs,
  };
}

/** The node that the topology pins a block to. */
export function pinnedNode(config: PoolConfig, cidr: string): string | undefined {
  return Object.entries(config.pinnedBlocks).find(([, block]) => block === cidr)?.[0];
}

/** A pool cut into blocks. */
export interface BlockGrid {
  readonly pool: Network;
  readonly blockSize: number;
  readonly count: number;
}

/** @throws {RangeError} when the pool is no network or a block would be larger than the pool. */
export function blockGrid(config: PoolConfig): BlockGrid {
  const pool = mustParseNetwork(config.cidr);
  if (!Number.isInteger(config.blockSize) || config.blockSize < pool.prefix || config.blockSize > 32) {
    throw new RangeError(`a block of /${config.blockSize} does not fit the pool ${config.cidr}`);
  }
  return { pool, blockSize: config.blockSize, count: 2 ** (config.blockSize - pool.prefix) };
}

/** The block of an index, counted from the start of the pool. */
export function blockAt(grid: BlockGrid, index: number): string {
  return formatNetwork(grid.pool.base + index * 2 ** (32 - grid.blockSize), grid.blockSize);
}

/** True for a block of this grid; one of an earlier pool or block size is not. */
export function inGrid(grid: BlockGrid, cidr: string): boolean {
  const { base, prefix } = mustParseNetwork(cidr);
  return prefix === grid.blockSize && inNetwork(grid.pool, base);
}

/** The block that an address lies in; undefined outside the pool. */
export function blockOf(grid: BlockGrid, address: number): string | undefined {
  if (!inNetwork(grid.pool, address)) return undefined;
  return blockAt(grid, Math.floor((address - grid.pool.base) / 2 ** (32 - grid.blockSize)));
}
