import type { Datastore } from '../datastore/index.ts';
import { inNetwork, mustParseNetwork } from './ipv4.ts';
import type { IpamKinds } from './objects.ts';
import { type BlockGrid, blockGrid, inGrid, type PoolConfig, pinnedNode } from './pool.ts';

/** What every IPAM operation works on. */
export interface IpamContext {
  readonly store: Datastore<IpamKinds>;
  readonly config: PoolConfig;
  readonly grid: BlockGrid;
  /** Whether nobody gets an address who does not ask for it by name. */
  readonly isReserved: (address: number) => boolean;
}

/** @throws {RangeError} when pool and block size do not fit, or a reservation is no network. */
export function ipamContext(store: Datastore<IpamKinds>, config: PoolConfig): IpamContext {
  const reserved = (config.reservedCIDRs ?? []).map(mustParseNetwork);
  const isReserved = (address: number) => reserved.some((network) => inNetwork(network, address));
  return { store, config, grid: blockGrid(config), isReserved };
}

/** True when a node may have a block: it is of the present pool and block size, and pinned to nobody else. */
export function isLeftTo(ctx: IpamContext, node: string, cidr: string): boolean {
  return inGrid(ctx.grid, cidr) && (pinnedNode(ctx.config, cidr) ?? node) === node;
}

/** For whom an address is. */
export interface Owner {
  /** Everything under one handle is released together. */
  readonly handle: string;
  /** Shown to people who ask whose address it is, e.g. `{ namespace, pod, node }`. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Assigned {
  readonly address: string;
  /** CIDR of the block it is from. */
  readonly block: string;
  /** The node whose block it is, when that is not the node that asked. */
  readonly borrowedFrom?: string;
}
