import { isServiceChain } from '../names.ts';
import { FIXED_CHAINS, type RuleSet, type TableName } from '../rules/index.ts';
import type { Kernel } from './kernel.ts';

const isOwn = (chain: string) => isServiceChain(chain) || FIXED_CHAINS.has(chain);

interface Table {
  readonly chains: Map<string, string | undefined>;
  readonly builtIn: Map<string, string[]>;
}

/**
 * Reads the output of `iptables-save` line by line and compares it with what is wanted as it goes, so that the rules of
 * a large cluster are not in memory a second time.
 */
export class SavedReader {
  readonly #wanted: RuleSet;
  readonly #tables: Record<TableName, Table>;
  #table: TableName | undefined;
  #chain = '';
  #rules: string[] = [];

  constructor(wanted: RuleSet) {
    const empty = (): Table => ({ chains: new Map(), builtIn: new Map() });
    this.#wanted = wanted;
    this.#tables = { mangle: empty(), filter: empty(), nat: empty() };
  }

  line(line: string): void {
    if (line.startsWith('-A ')) {
      this.#rule(line);
      return;
    }
    this.#endChain();
    if (line.startsWith('*')) {
      const name = line.slice(1);
      this.#table = name in this.#tables ? (name as TableName) : undefined;
    } else if (line.startsWith(':') && this.#table) {
      const [chain = '', policy] = line.slice(1).split(' ');
      const table = this.#tables[this.#table];
      if (policy !== '-') table.builtIn.set(chain, []);
      // A chain without rules does not come up again.
      else if (isOwn(chain)) table.chains.set(chain, this.#known(chain, []));
    }
  }

  end(): Kernel {
    this.#endChain();
    return this.#tables;
  }

  #rule(line: string): void {
    const chain = line.slice(3, line.indexOf(' ', 3));
    if (chain !== this.#chain) {
      this.#endChain();
      this.#chain = chain;
    }
    this.#rules.push(line);
  }

  #endChain(): void {
    const [chain, rules] = [this.#chain, this.#rules];
    if (chain === '' || !this.#table) return;
    const table = this.#tables[this.#table];
    const prefix = `-A ${chain} `.length;
    table.builtIn.get(chain)?.push(...rules.map((line) => line.slice(prefix)));
    if (table.chains.has(chain)) table.chains.set(chain, this.#known(chain, rules));
    this.#chain = '';
    this.#rules = [];
  }

  #known(chain: string, rules: readonly string[]): string | undefined {
    const wanted = this.#table && this.#wanted.tables[this.#table].get(chain);
    if (wanted === undefined) return undefined;
    const found = rules.join('\n');
    return found === wanted || canonical(found) === canonical(wanted) ? wanted : undefined;
  }
}

/** Versions of iptables differ in the order in which they print the parts of a rule, and in quotation marks. */
function canonical(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const options: string[] = [];
      let negated = false;
      for (const word of line.match(/"[^"]*"|\S+/g) ?? []) {
        const starts = word.startsWith('-') || word === '!';
        if (!starts || negated) options.push(`${options.pop() ?? ''} ${word.replaceAll('"', '')}`);
        else options.push(word);
        negated = word === '!';
      }
      return options.sort().join(' ');
    })
    .join('\n');
}
