import { CommandError } from '../../../node/shell/index.ts';
import type { Iptables } from '../apply/index.ts';

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

type Table = Map<string, string[]>;

/**
 * The test's own iptables: takes the text of `iptables-restore --noflush` as the real one does, a transaction at a time, and refuses
 * what the kernel would refuse. It shares nothing with the renderer but the language.
 */
export class FakeTables implements Iptables {
  readonly backend = 'nf_tables';
  tables = new Map<string, Table>(
    Object.entries(BUILT_IN).map(([name, chains]) => [name, new Map(chains.map((chain) => [chain, []]))]),
  );
  /** The input of every call. */
  readonly inputs: string[] = [];
  saves = 0;
  /** The next calls of `restore` fail with these words. */
  readonly refusals: string[] = [];

  async restore(transactions: readonly string[]): Promise<void> {
    const input = transactions.join('');
    this.inputs.push(input);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw new CommandError('iptables-restore', 4, refusal);
    let table: Table | undefined;
    let name = '';
    let number = 0;
    for (const line of input.split('\n')) {
      number++;
      const fail = (why: string) =>
        new CommandError('iptables-restore', 1, `line ${number} failed: ${why}: ${line}`);
      if (line === '') continue;
      if (line.startsWith('*')) {
        name = line.slice(1);
        table = new Map([...this.chains(name)].map(([chain, rules]) => [chain, [...rules]]));
      } else if (!table) throw fail('no table');
      else if (line === 'COMMIT') {
        this.#check(table, fail);
        this.tables.set(name, table);
        table = undefined;
      } else if (line.startsWith(':')) table.set(line.slice(1).split(' ')[0] ?? '', []);
      else this.#edit(table, line, fail);
    }
    if (table) throw new CommandError('iptables-restore', 1, 'COMMIT expected');
  }

  async save(onLine: (line: string) => void): Promise<void> {
    this.saves++;
    for (const [name, chains] of this.tables) {
      onLine(`*${name}`);
      for (const chain of chains.keys()) {
        onLine(`:${chain} ${BUILT_IN[name]?.includes(chain) ? 'ACCEPT' : '-'} [0:0]`);
      }
      for (const rules of chains.values()) rules.forEach(onLine);
      onLine('COMMIT');
    }
  }

  async hasChain(table: string, chain: string): Promise<boolean> {
    return this.chains(table).has(chain);
  }

  stop(): void {}

  chains(table: string): Table {
    const found = this.tables.get(table);
    if (!found) throw new Error(`no table ${table}`);
    return found;
  }

  rules(table: string, chain: string): string[] {
    return this.chains(table).get(chain) ?? [];
  }

  #edit(table: Table, line: string, fail: (why: string) => Error): void {
    const [command = '', chain = ''] = line.split(' ');
    const rules = table.get(chain);
    if (!rules) throw fail('no such chain');
    const rest = line.slice(command.length + chain.length + 2);
    if (command === '-A') rules.push(line);
    else if (command === '-I') {
      const [, position = '', rule = ''] = /^(\d+) (.*)$/.exec(rest) ?? [];
      if (Number(position) < 1 || Number(position) > rules.length + 1) throw fail('index too big');
      rules.splice(Number(position) - 1, 0, `-A ${chain} ${rule}`);
    } else if (command === '-D') {
      const index = rules.indexOf(`-A ${chain} ${rest}`);
      if (index === -1) throw fail('bad rule');
      rules.splice(index, 1);
    } else if (command === '-X') {
      if (rules.length > 0) throw fail('directory not empty');
      table.delete(chain);
    } else throw fail('unknown command');
  }

  /** Every target that is a chain's name must be a chain's. */
  #check(table: Table, fail: (why: string) => Error): void {
    for (const rules of table.values()) {
      for (const rule of rules) {
        const target = / -[jg] (KUBE-\S+|cali-\S+)/.exec(rule)?.[1];
        if (target !== undefined && !table.has(target)) throw fail(`no chain ${target} for "${rule}"`);
      }
    }
  }
}
