import { type Chain, restoreLines, ruleTags } from './rule.ts';
import type { Table } from './static-chains.ts';

/** What `iptables-save` says of one table: the `cali:` tags found in each chain, and where they stand. */
interface SavedChain {
  readonly tags: (string | undefined)[];
  readonly lines: string[];
}

/** Reads `iptables-save -t TABLE` into chains. */
function parseSave(text: string): Map<string, SavedChain> {
  const chains = new Map<string, SavedChain>();
  for (const line of text.split('\n')) {
    const declared = /^:(\S+) /.exec(line);
    if (declared?.[1]) chains.set(declared[1], { tags: [], lines: [] });
    const rule = /^-A (\S+) /.exec(line);
    const chain = rule?.[1] ? chains.get(rule[1]) : undefined;
    if (!chain) continue;
    chain.tags.push(/"cali:([^"]{16})"/.exec(line)?.[1] ?? /--comment cali:(\S{16})/.exec(line)?.[1]);
    chain.lines.push(line);
  }
  return chains;
}

const sameTags = (saved: SavedChain, chain: Chain): boolean => {
  const tags = ruleTags(chain);
  return saved.tags.length === tags.length && saved.tags.every((tag, i) => tag === tags[i]);
};

/** Felix's rules stand first in a built-in chain, in order, and nowhere else in it. */
const insertsInPlace = (saved: SavedChain, chain: Chain): boolean => {
  const tags = ruleTags(chain);
  const own = saved.tags.filter((tag) => tag !== undefined);
  return own.length === tags.length && tags.every((tag, i) => saved.tags[i] === tag);
};

/**
 * The one transaction that brings a table to its wanted state; chains that are right are not touched, and
 * rules of others are left alone.
 *
 * @param saved output of `iptables-save -t NAME`
 * @returns input of `iptables-restore --noflush`, or undefined when nothing is to be done
 */
export function restoreInput(table: Table, saved: string): string | undefined {
  const current = parseSave(saved);
  const lines: string[] = [];
  const rules: string[] = [];
  for (const chain of table.chains) {
    const found = current.get(chain.name);
    if (found && sameTags(found, chain)) continue;
    lines.push(`:${chain.name} - [0:0]`);
    rules.push(...restoreLines(chain));
  }
  for (const chain of table.inserts) {
    const found = current.get(chain.name) ?? { tags: [], lines: [] };
    if (insertsInPlace(found, chain)) continue;
    found.tags.forEach((tag, i) => {
      if (tag !== undefined) rules.push(`-D${found.lines[i]?.slice(2)}`);
    });
    // -I puts each rule on top, so the last one goes in first.
    rules.push(...restoreLines(chain, '-I').reverse());
  }
  if (lines.length === 0 && rules.length === 0) return undefined;
  return [`*${table.name}`, ...lines, ...rules, 'COMMIT', ''].join('\n');
}
