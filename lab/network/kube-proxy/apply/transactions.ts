import { type Chains, type Jump, type RuleSet, TABLES, type TableName } from '../rules/index.ts';
import type { Kernel, KernelTable } from './kernel.ts';

export interface TransactionOptions {
  /** Chains in one transaction at most, as far as they can be divided; Infinity where that is of no use. */
  readonly chainsAtOnce: number;
}

/** Felix keeps its jumps on top and moves them there when others come before them; so ours go below them at once. */
const CALICO = /(-j|-g) cali-/;
/** Who jumps to whom: a chain may jump to those before it, so that each finds its targets. */
const LAYERS = [/^KUBE-MARK-/, /^KUBE-SEP-/, /^KUBE-(SVC|SVL)-/, /^KUBE-(EXT|XLB)-/, /^KUBE-FW-/];

/**
 * The difference between what is wanted and what is there, as input of `iptables-restore --noflush`: chains that changed are
 * written anew, chains that are not needed any more are deleted, everything else keeps its rules and counters.
 *
 * The last transaction of nat changes what packets meet. Many new chains, which nothing jumps to yet, go into
 * transactions before it: iptables-nft sorts each new chain into a list, which takes seconds for ten thousand of them at once.
 *
 * @returns complete transactions (`*table` … `COMMIT`) in order; none when nothing is to be done
 */
export function transactions(wanted: RuleSet, kernel: Kernel, options: TransactionOptions): string[] {
  const result: string[] = [];
  for (const table of TABLES) {
    const chains = wanted.tables[table];
    const there = kernel[table];
    let changed: string[] = [];
    let added = 0;
    for (const [name, text] of chains) {
      const found = there.chains.get(name);
      if (found === text) continue;
      changed.push(name);
      if (found === undefined && !there.chains.has(name)) added++;
    }
    // Where nothing came and the number is the same, nothing went.
    const gone =
      there.chains.size + added === chains.size
        ? []
        : [...there.chains.keys()].filter((name) => !chains.has(name));
    if (table === 'nat' && added > options.chainsAtOnce) {
      const first = firstChains(changed, there, options.chainsAtOnce);
      // Ahead of filter, too, which lets through what nat is to translate.
      result.unshift(...first.map((names) => transaction('nat', ...written(names, chains))));
      const early = new Set(first.flat());
      changed = changed.filter((name) => !early.has(name));
    }
    const [declared, rules] = written(changed, chains);
    const jumps = jumpChanges(
      wanted.jumps.filter((jump) => jump.table === table),
      there,
      gone,
    );
    if (declared.length + gone.length + jumps.length === 0) continue;
    result.push(
      transaction(
        table,
        // A chain is flushed by being declared, and can be deleted when nothing jumps to it any more.
        [...declared, ...gone.map(declaration)],
        [...rules, ...jumps, ...gone.map((name) => `-X ${name}`)],
      ),
    );
  }
  return result;
}

const declaration = (chain: string) => `:${chain} - [0:0]`;

function written(names: readonly string[], chains: Chains): [declared: string[], rules: string[]] {
  return [names.map(declaration), names.flatMap((name) => chains.get(name) || [])];
}

function transaction(table: TableName, declared: readonly string[], rules: readonly string[]): string {
  return [`*${table}`, ...declared, ...rules, 'COMMIT', ''].join('\n');
}

/** Those of the chains that are not there yet, and to which therefore nothing jumps, in layers and in parts. */
function firstChains(changed: readonly string[], kernel: KernelTable, atOnce: number): string[][] {
  const names = changed.filter((name) => !kernel.chains.has(name));
  return LAYERS.flatMap((layer) => {
    const members = names.filter((name) => layer.test(name));
    const parts = Math.ceil(members.length / atOnce);
    return Array.from({ length: parts }, (_, part) => members.slice(part * atOnce, (part + 1) * atOnce));
  });
}

/** Missing jumps go in below Calico's; jumps to chains that go away go with them. */
function jumpChanges(wanted: readonly Jump[], kernel: KernelTable, gone: readonly string[]): string[] {
  const { builtIn } = kernel;
  if (!builtIn) return [];
  const changes: string[] = [];
  // The nf_tables backend makes a built-in chain when it is first used, and prints none before.
  for (const chain of new Set([...builtIn.keys(), ...wanted.map((jump) => jump.chain)])) {
    const kept = (builtIn.get(chain) ?? []).filter((rule) => {
      const target = /-[jg] (\S+)/.exec(rule.replaceAll(/"[^"]*"/g, ''))?.[1] ?? '';
      if (!gone.includes(target)) return true;
      changes.push(`-D ${chain} ${rule}`);
      return false;
    });
    let top = 0;
    while (CALICO.test(kept[top] ?? '')) top++;
    const missing = wanted.filter((jump) => jump.chain === chain && !kept.includes(jump.rule));
    for (const { rule } of missing.reverse()) changes.push(`-I ${chain} ${top + 1} ${rule}`);
  }
  return changes;
}
