import type { TableName } from '../rules/index.ts';

/** A chain as the kernel has it: one entry per rule, undefined for a rule that is not Felix'. */
export interface KernelChain {
  readonly tags: readonly (string | undefined)[];
  /** The rules' text; kept of built-in chains only. */
  readonly lines: readonly string[];
  /** What Felix wrote there, if it did: saves the hashes when the same is wanted again. */
  readonly text?: string;
}

/** What is known of one table. Chains of others are not in it. */
export type KernelTable = Map<string, KernelChain>;

const TABLES: ReadonlySet<string> = new Set(['raw', 'mangle', 'nat', 'filter'] satisfies TableName[]);

const isBuiltIn = (name: string): boolean => /^[A-Z]+$/.test(name);

/**
 * Reads `iptables-save` of all tables: Felix' chains (`cali-…`) and the built-in ones.
 *
 * @param before what was known; texts of chains whose tags have not changed are taken over from it
 */
export function parseSave(
  save: string,
  before: ReadonlyMap<TableName, KernelTable> = new Map(),
): Map<TableName, KernelTable> {
  const tables = new Map<TableName, KernelTable>();
  let chains = new Map<string, { tags: (string | undefined)[]; lines: string[] }>();
  for (const line of save.split('\n')) {
    if (line.startsWith('*') && TABLES.has(line.slice(1))) {
      chains = new Map();
      tables.set(line.slice(1) as TableName, chains);
    } else if (line.startsWith('*')) {
      chains = new Map();
    } else if (line.startsWith(':')) {
      const name = line.slice(1, line.indexOf(' '));
      if (name.startsWith('cali-') || isBuiltIn(name)) chains.set(name, { tags: [], lines: [] });
    } else if (line.startsWith('-A ')) {
      const name = line.slice(3, line.indexOf(' ', 3));
      const chain = chains.get(name);
      if (!chain) continue;
      chain.tags.push(/--comment "?cali:([\w-]{16})"?/.exec(line)?.[1]);
      if (isBuiltIn(name)) chain.lines.push(line);
    }
  }
  for (const [table, found] of tables) {
    for (const [name, chain] of found) {
      const known = before.get(table)?.get(name);
      if (known?.text !== undefined && sameTags(known.tags, chain.tags))
        found.set(name, { ...chain, text: known.text });
    }
  }
  return tables;
}

export const sameTags = (a: readonly (string | undefined)[], b: readonly (string | undefined)[]): boolean =>
  a.length === b.length && a.every((tag, i) => tag === b[i]);
