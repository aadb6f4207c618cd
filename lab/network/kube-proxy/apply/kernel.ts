import type { RuleSet, TableName } from '../rules/index.ts';

/** What is known of one table. */
export interface KernelTable {
  /** kube-proxy's chains and the text of their rules; undefined where that is not what is wanted. */
  readonly chains: ReadonlyMap<string, string | undefined>;
  /** Rules of the built-in chains without `-A CHAIN `; undefined when they were not looked at. */
  readonly builtIn?: ReadonlyMap<string, readonly string[]>;
}

export type Kernel = Readonly<Record<TableName, KernelTable>>;

/** After a transaction that brought everything to the wanted state. */
export function kernelAfter(wanted: RuleSet): Kernel {
  const table = (name: TableName): KernelTable => ({ chains: wanted.tables[name] });
  return { mangle: table('mangle'), filter: table('filter'), nat: table('nat') };
}
