import { type Chain, chainText, restoreLines, ruleTags, type Table } from '../rules/index.ts';
import { type KernelChain, type KernelTable, sameTags } from './kernel.ts';

/** What brings a table to its wanted state, and what is known of it once that is done. */
export interface Change {
  /** Input of `iptables-restore --noflush`, one transaction. */
  readonly input: string;
  /** The same without the removal of chains, for when a rule of somebody else's still leads to one. */
  readonly withoutRemoval: string;
  readonly removed: readonly string[];
  readonly after: KernelTable;
}

export interface ChangeOptions {
  /** Chains that are left as they are if they exist. */
  readonly keep?: ReadonlySet<string>;
  /** Chains of Felix' that are no longer wanted go, unless this is false. */
  readonly remove?: boolean;
}

const NO_CHAIN: KernelChain = { tags: [], lines: [] };

/**
 * The transaction that brings a table to its wanted state. A chain that is right is not touched, so its counters go on;
 * one that is not is written anew as a whole: with a learner's own rules in it, its rules could not be addressed by
 * number. Rules and chains of others are left alone, and of the built-in chains only Felix' own rules move.
 *
 * @param kernel what the table holds as far as is known
 * @returns undefined when nothing is to be done
 */
export function tableChange(
  table: Table,
  kernel: KernelTable,
  options: ChangeOptions = {},
): Change | undefined {
  const after: KernelTable = new Map(kernel);
  const declarations: string[] = [];
  const rules: string[] = [];
  const wanted = new Set<string>();
  for (const chain of table.chains) {
    wanted.add(chain.name);
    const found = kernel.get(chain.name);
    if (found && options.keep?.has(chain.name)) continue;
    const text = chainText(chain);
    if (found?.text === text) continue;
    const tags = ruleTags(chain);
    after.set(chain.name, { tags, lines: [], text });
    if (found && sameTags(found.tags, tags)) continue;
    declarations.push(`:${chain.name} - [0:0]`);
    rules.push(...restoreLines(chain, '-A', tags));
  }
  for (const name of builtInNames(table)) {
    rules.push(...hookLines(table, name, kernel, after));
  }
  const removed: string[] = [];
  if (options.remove !== false) {
    for (const name of kernel.keys()) {
      if (!name.startsWith('cali-') || wanted.has(name)) continue;
      removed.push(name);
      after.delete(name);
    }
  }
  if (declarations.length + rules.length + removed.length === 0) {
    // What was found right by its tags is known by its text from now on.
    for (const [name, chain] of after) kernel.set(name, chain);
    return undefined;
  }
  // Emptied first: chains that go may lead to each other.
  const emptied = removed.map((name) => `:${name} - [0:0]`);
  const head = [`*${table.name}`, ...declarations, ...emptied, ...rules];
  return {
    input: [...head, ...removed.map((name) => `-X ${name}`), 'COMMIT', ''].join('\n'),
    withoutRemoval: [...head, 'COMMIT', ''].join('\n'),
    removed,
    after,
  };
}

const builtInNames = (table: Table): Set<string> =>
  new Set([...table.inserts, ...table.appends].map(({ name }) => name));

/** Puts Felix' rules of one built-in chain in front and at the end, unless they stand there, and nowhere else. */
function hookLines(table: Table, name: string, kernel: KernelTable, after: KernelTable): string[] {
  const own = (chains: readonly Chain[]) => chains.filter((chain) => chain.name === name);
  const inserts = own(table.inserts);
  const appends = own(table.appends);
  const first = inserts.flatMap((chain) => ruleTags(chain));
  const last = appends.flatMap((chain) => ruleTags(chain));
  const { tags, lines } = kernel.get(name) ?? NO_CHAIN;
  const inPlace =
    tags.filter((tag) => tag !== undefined).length === first.length + last.length &&
    first.every((tag, i) => tags[i] === tag) &&
    last.every((tag, i) => tags[tags.length - last.length + i] === tag);
  if (inPlace) return [];
  after.set(name, { tags: [...first, ...last], lines: [] });
  return [
    ...lines.flatMap((line, i) => (tags[i] === undefined ? [] : [`-D${line.slice(2)}`])),
    // -I puts each rule on top, so the last one goes in first.
    ...inserts.flatMap((chain) => restoreLines(chain, '-I')).reverse(),
    ...appends.flatMap((chain) => restoreLines(chain)),
  ];
}
