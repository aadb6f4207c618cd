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
