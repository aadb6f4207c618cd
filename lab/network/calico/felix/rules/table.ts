import type { Chain } from './rule.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';

/** What Felix wants of one table; everything else in it is somebody else's. */
export interface Table {
  readonly name: TableName;
  /** Felix' own chains, in the order they are written. */
  readonly chains: readonly Chain[];
  /** Rules that stand in front of a built-in chain. */
  readonly inserts: readonly Chain[];
  /** Rules that stand at the end of a built-in chain. */
  readonly appends: readonly Chain[];
}

/** A built-in chain's jump to Felix' chain of the same name. */
export const hook = (name: string): Chain => ({ name, rules: [{ action: `--jump cali-${name}` }] });
