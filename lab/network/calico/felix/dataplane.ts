import type { Table, TableName } from './rules/index.ts';
import { type IpSet, ipSetChange, type KernelSets, parseIpSetSave, unwantedIpSets } from './sets/index.ts';
import { type ChangeOptions, type KernelTable, parseSave, tableChange } from './table/index.ts';

/** Runs a command inside the node; its stdout. */
export type Run = (argv: readonly string[], input?: string) => Promise<string>;

/** What the kernel is to hold. */
export interface Wanted {
  readonly tables: readonly Table[];
  readonly sets: readonly IpSet[];
}

/**
 * Brings the kernel's tables and ip sets to the wanted state. What was written is remembered, since reading it back
 * costs more than the change itself (iptables-save prints kube-proxy's rules too); it is read at the start, on
 * {@link Dataplane.forget} and after a failure.
 */
export class Dataplane {
  readonly #run: Run;
  readonly #log: (line: string) => void;
  #tables: Map<TableName, KernelTable> = new Map();
  #sets: KernelSets = new Map();
  #known = false;

  constructor(run: Run, log: (line: string) => void) {
    this.#run = run;
    this.#log = log;
  }

  /** Reads tables and sets again before the next change: somebody else may have touched them. */
  forget(): void {
    this.#known = false;
  }

  /**
   * Sets first, since rules match on them; then the tables, one transaction each; last the sets that no rule needs.
   *
   * @throws CommandError with the tool's own words when the kernel refuses; the next call reads what is there
   */
  async apply(wanted: Wanted, options: ChangeOptions = {}): Promise<void> {
    try {
      if (!this.#known) await this.#read();
      const sets = ipSetChange(wanted.sets, this.#sets);
      if (sets) {
        await this.#run(['ipset', 'restore'], sets.input);
        this.#sets = sets.after;
      }
      for (const table of wanted.tables) await this.#applyTable(table, options);
      if (options.remove !== false) await this.#destroySets(unwantedIpSets(wanted.sets, this.#sets));
    } catch (error) {
      this.#known = false;
      throw error;
    }
  }

  async #read(): Promise<void> {
    const [tables, sets] = await Promise.all([this.#run(['iptables-save']), this.#run(['ipset', 'save'])]);
    this.#tables = parseSave(tables, this.#tables);
    this.#sets = parseIpSetSave(sets);
    this.#known = true;
  }

  async #applyTable(table: Table, options: ChangeOptions): Promise<void> {
    const kernel = this.#tables.get(table.name) ?? new Map();
    this.#tables.set(table.name, kernel);
    const change = tableChange(table, kernel, options);
    if (!change) return;
    const restore = (input: string) => this.#run(['iptables-restore', '--noflush', '-w', '5'], input);
    try {
      await restore(change.input);
    } catch (error) {
      if (change.removed.length === 0) throw error;
      // A rule of somebody else's may lead to a chain that is to go: then it stays, empty, until the next refresh.
      await restore(change.withoutRemoval);
      this.#log(
        `felix: chains ${change.removed.join(' ')} could not be removed: ${(error as Error).message}`,
      );
    }
    this.#tables.set(table.name, change.after);
  }

  async #destroySets(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) this.#sets.delete(name);
    try {
      await this.#run(['ipset', 'restore'], names.map((name) => `destroy ${name}\n`).join(''));
    } catch (error) {
      // In use by a rule of somebody else's; tried again at the next refresh.
      this.#log(`felix: ${(error as Error).message}`);
    }
  }
}
