import type { Datastore } from '../datastore/index.ts';
import { affineBlocks, claimBlock } from './affinity.ts';
import { assignIP, autoAssign } from './assign.ts';
import { type Assigned, type IpamContext, ipamContext, type Owner } from './context.ts';
import { addressesByHandle } from './handles.ts';
import type { IpamKinds } from './objects.ts';
import type { PoolConfig } from './pool.ts';
import { type ReleasedNodes, releaseByHandle, releaseRemovedNodes, releaseStaleBlocks } from './release.ts';
import { type BlockReport, listBlocks, ownerOfAddress } from './report.ts';
import { ensureTunnelAddress } from './tunnel.ts';

/** Calico's IPAM over a datastore. Any number of processes on any number of nodes may use one store at once. */
export class Ipam {
  readonly #ctx: IpamContext;

  /** @throws {RangeError} when pool and block size do not fit */
  constructor(store: Datastore<IpamKinds>, config: PoolConfig) {
    this.#ctx = ipamContext(store, config);
  }

  /** An address for a workload of a node. @throws {IpamError} `exhausted`, `contention`, `pinned-block-held` */
  autoAssign(node: string, owner: Owner): Promise<Assigned> {
    return autoAssign(this.#ctx, node, owner);
  }

  /** One particular address. @throws {IpamError} `outside-pool`, `taken`, `not-affine`, `contention` */
  assignIP(node: string, address: string, owner: Owner): Promise<Assigned> {
    return assignIP(this.#ctx, node, address, owner);
  }

  /** Gives all addresses of a handle back and returns them; none is fine. */
  releaseByHandle(handle: string): Promise<string[]> {
    return releaseByHandle(this.#ctx, handle);
  }

  addressesByHandle(handle: string): Promise<{ address: string; block: string }[]> {
    return addressesByHandle(this.#ctx, handle);
  }

  /** The address of a node's tunl0; assigned when it has none. @throws {IpamError} as {@link autoAssign} */
  ensureTunnelAddress(node: string): Promise<string> {
    return ensureTunnelAddress(this.#ctx, node);
  }

  /** Claims one block for a node; false when it is someone else's. */
  async claimBlock(node: string, cidr: string): Promise<boolean> {
    return (await claimBlock(this.#ctx, node, cidr)) !== undefined;
  }

  /** The blocks that are a node's, confirmed and of the present pool: what BIRD announces. */
  blocksOfNode(node: string): Promise<string[]> {
    return affineBlocks(this.#ctx, node);
  }

  /** Takes back addresses and blocks of nodes that are not among `nodes`. */
  releaseRemovedNodes(nodes: readonly string[]): Promise<ReleasedNodes> {
    return releaseRemovedNodes(this.#ctx, nodes);
  }

  /** Gives back what a node has from an earlier pool, or of blocks pinned to others now; returns the blocks. */
  releaseStaleBlocks(node: string): Promise<string[]> {
    return releaseStaleBlocks(this.#ctx, node);
  }

  /** Who has an address; undefined when nobody has it, or it is of no block. */
  ownerOf(address: string): Promise<Owner | undefined> {
    return ownerOfAddress(this.#ctx, address);
  }

  /** All blocks with their addresses, for `status`. */
  listBlocks(): Promise<BlockReport[]> {
    return listBlocks(this.#ctx);
  }
}
