/** What an IPAM operation may run into. Nothing has been taken when it is thrown. */
export type IpamErrorCode =
  /** No free address that this node may use. */
  | 'exhausted'
  /** The wanted address belongs to someone. */
  | 'taken'
  /** The wanted address is not of the pool, or no IPv4 address. */
  | 'outside-pool'
  /** The wanted address is of another node's block and affinity is strict. */
  | 'not-affine'
  /** The block pinned to this node belongs to another; see {@link PinnedBlockHeldError}. */
  | 'pinned-block-held'
  /** Other writers won every round of compare-and-swap. */
  | 'contention';

export class IpamError extends Error {
  readonly code: IpamErrorCode;

  constructor(code: IpamErrorCode, message: string) {
    super(message);
    this.name = 'IpamError';
    this.code = code;
  }
}

/** The block that the topology pins to a node belongs to another. */
export class PinnedBlockHeldError extends IpamError {
  readonly cidr: string;
  /** The node that has it; undefined when that has gone and addresses of the block are still in use. */
  readonly holder: string | undefined;

  constructor(node: string, cidr: string, holder: string | undefined) {
    const whose = holder === undefined ? 'has addresses in use and no node' : `belongs to node ${holder}`;
    super('pinned-block-held', `block ${cidr} is pinned to node ${node} but ${whose}`);
    this.cidr = cidr;
    this.holder = holder;
  }
}
