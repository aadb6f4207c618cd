import type { Log } from '../../api/klog.ts';
import { writeAtomically } from '../../node/shell/index.ts';
import {
  failingLine,
  type Iptables,
  type Kernel,
  kernelAfter,
  SavedReader,
  transactions,
} from './apply/index.ts';
import type { ProxyHealth } from './health/index.ts';
import type { Metrics } from './metrics.ts';
import type { ServedPort } from './model/index.ts';
import { type RuleOptions, type RuleSet, TABLES } from './rules/index.ts';
import { SyncRunner } from './sync-runner.ts';
import type { ServiceTracker } from './tracker.ts';

export interface ProxierOptions {
  readonly tracker: ServiceTracker;
  readonly iptables: Iptables;
  /** Deletes entries of the connection table; see `conntrack/`. */
  readonly deleteFlows: (deletions: readonly string[]) => Promise<void>;
  /** Asked at each sync, since the node's addresses may change. */
  readonly ruleOptions: () => Omit<RuleOptions, 'comments'>;
  /** Told after each sync. */
  readonly onSynced: (ports: Iterable<ServedPort>) => void;
  readonly metrics: Metrics;
  readonly health: ProxyHealth;
  readonly log: Log;
  /** Milliseconds after which all rules are compared with the kernel's again; 0 is never. */
  readonly syncPeriodMs: number;
  /** Milliseconds from the start of one sync to the start of the next at least. */
  readonly minSyncPeriodMs: number;
  /** Where the input goes that iptables-restore refused, for whoever wants to try it by hand. */
  readonly refusedInput: string;
}

/** New chains of services in one transaction; with more, iptables-nft spends its time sorting them. */
const CHAINS_AT_ONCE = 250;
const CANARY_PERIOD_MS = 30_000;

/** Brings changes into force: gathers what changed, has the rules rendered, and writes the difference. */
export class Proxier {
  readonly #options: ProxierOptions;
  readonly #changed = new Set<string>();
  /** When the changes of endpoints that wait were made, in ms. */
  #triggers: number[] = [];
  #staleFlows: string[] = [];
  /** undefined: nobody knows, look first. */
  #kernel: Kernel | undefined;
  /** Comparisons asked for so far: one that is asked for while a sync runs is not answered by it. */
  #comparisons = 0;
  #wanted: RuleSet | undefined;
  readonly #runner: SyncRunner;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: ProxierOptions) {
    this.#options = options;
    this.#runner = new SyncRunner(() => this.#sync(), options.minSyncPeriodMs);
  }

  /** @param key `namespace/name` of a service that was added, changed or deleted */
  serviceChanged(key: string): void {
    this.#options.metrics.add('sync_proxy_rules_service_changes_total');
    this.#change(key);
  }

  /** @param triggered when the change was made, in ms, where it is known */
  endpointsChanged(key: string, triggered?: number): void {
    this.#options.metrics.add('sync_proxy_rules_endpoint_changes_total');
    if (triggered !== undefined) this.#triggers.push(triggered);
    this.#change(key);
  }

  /** The first sync compares everything; call it when all objects are known. */
  start(): void {
    const { syncPeriodMs } = this.#options;
    if (syncPeriodMs > 0) this.#every(syncPeriodMs, () => this.resync());
    if (syncPeriodMs === 0 || syncPeriodMs > CANARY_PERIOD_MS) {
      this.#every(CANARY_PERIOD_MS, () => void this.#lookForCanaries());
    }
    this.resync();
  }

  /** Compares all rules with the kernel's and repairs what differs. */
  resync(): void {
    this.#comparisons++;
    this.#kernel = undefined;
    this.#runner.trigger();
  }

  /** Resolves when nothing waits and nothing runs. */
  settled(): Promise<void> {
    return this.#runner.settled();
  }

  /** Ends; the rules stay as they are. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#runner.stop();
  }

  /** Brings the gauges up to date that are counted only when somebody asks. */
  countRules(): void {
    const { metrics, tracker } = this.#options;
    for (const table of TABLES) {
      let rules = 0;
      for (const text of this.#wanted?.tables[table].values() ?? []) rules += ruleCount(text);
      metrics.set('sync_proxy_rules_iptables_total', rules, { table });
    }
    const without = { internal: 0, external: 0 };
    for (const { port, local, hasEndpoints } of tracker.ports()) {
      if (!hasEndpoints || local.length > 0) continue;
      if (port.internalLocal) without.internal++;
      if (port.externalLocal) without.external++;
    }
    for (const [traffic_policy, count] of Object.entries(without)) {
      metrics.set('sync_proxy_rules_no_local_endpoints_total', count, { traffic_policy });
    }
  }

  #change(key: string): void {
    this.#changed.add(key);
    this.#options.metrics.set('sync_proxy_rules_last_queued_timestamp_seconds', Date.now() / 1000);
    this.#options.health.queued();
    this.#runner.trigger();
  }

  #every(ms: number, action: () => void): void {
    const timer = setInterval(action, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  /** @returns whether everything is in force */
  async #sync(): Promise<boolean> {
    const { tracker, metrics, health, log } = this.#options;
    const started = Date.now();
    const begun = performance.now();
    const triggers = this.#triggers.splice(0);
    const full = this.#kernel === undefined;
    this.#staleFlows.push(...tracker.update(this.#changed).staleFlows);
    this.#changed.clear();
    try {
      const wanted = tracker.ruleSet(this.#options.ruleOptions());
      const rules = await this.#apply(wanted);
      const seconds = (performance.now() - begun) / 1000;
      metrics.observe('sync_proxy_rules_duration_seconds', seconds);
      metrics.observe(`sync_${full ? 'full' : 'partial'}_proxy_rules_duration_seconds`, seconds);
      metrics.set('sync_proxy_rules_last_timestamp_seconds', Date.now() / 1000);
      for (const at of triggers) {
        metrics.observe('network_programming_duration_seconds', Math.max(0, Date.now() - at) / 1000);
      }
      if (rules !== undefined) {
        log.info('SyncProxyRules complete', { elapsed: `${(seconds * 1000).toFixed(3)}ms`, rules, full });
      }
    } catch (err) {
      this.#triggers.push(...triggers);
      this.#kernel = undefined;
      metrics.add('sync_proxy_rules_iptables_restore_failures_total');
      if (!full) metrics.add('sync_proxy_rules_iptables_partial_restore_failures_total');
      log.error('Failed to sync iptables rules, trying again', { err });
      return false;
    }
    health.updated(started);
    this.#options.onSynced(tracker.ports());
    await this.#clearFlows();
    return true;
  }

  /** @returns how many rules were written; undefined when everything was right */
  async #apply(wanted: RuleSet): Promise<number | undefined> {
    const { iptables, metrics } = this.#options;
    const comparisons = this.#comparisons;
    let kernel = this.#kernel;
    if (!kernel) {
      const reader = new SavedReader(wanted);
      await iptables.save((line) => reader.line(line));
      kernel = reader.end();
    }
    // The legacy backend replaces the whole table at each COMMIT, so that parts only cost there.
    const chainsAtOnce = iptables.backend === 'legacy' ? Number.POSITIVE_INFINITY : CHAINS_AT_ONCE;
    const list = transactions(wanted, kernel, { chainsAtOnce });
    let rules = 0;
    for (const table of TABLES) {
      const count = list
        .filter((text) => text.startsWith(`*${table}\n`))
        .reduce((sum, text) => sum + ruleCount(text), 0);
      metrics.set('sync_proxy_rules_iptables_last', count, { table });
      rules += count;
    }
    if (list.length > 0) await this.#restore(list);
    if (comparisons === this.#comparisons) this.#kernel = kernelAfter(wanted);
    this.#wanted = wanted;
    return list.length > 0 ? rules : undefined;
  }

  async #restore(list: readonly string[]): Promise<void> {
    const { iptables, log, refusedInput } = this.#options;
    try {
      await iptables.restore(list);
    } catch (error) {
      const input = list.join('');
      const line = failingLine(input, error instanceof Error ? error.message : '');
      const command = `iptables-restore --noflush --wait 5 <${refusedInput}`;
      await writeAtomically(refusedInput, input, 0o600).catch(() => {});
      log.error('Failed to execute iptables-restore', {
        line: line?.text,
        lineNumber: line?.number,
        command,
      });
      throw error;
    }
  }

  async #clearFlows(): Promise<void> {
    const flows = this.#staleFlows.splice(0);
    try {
      await this.#options.deleteFlows([...new Set(flows)]);
    } catch (err) {
      // Entries end by themselves; new ones follow the new rules.
      this.#options.log.error('Failed to delete stale connections', { err });
    }
  }

  /** Somebody who flushed the tables took the canaries, too. */
  async #lookForCanaries(): Promise<void> {
    const { iptables, log } = this.#options;
    if (this.#kernel === undefined) return;
    try {
      for (const table of TABLES) {
        if (await iptables.hasChain(table, 'KUBE-PROXY-CANARY')) continue;
        log.info('iptables canary deleted', { table, chain: 'KUBE-PROXY-CANARY' });
        return this.resync();
      }
    } catch (err) {
      log.warn('Could not check for iptables canary', { err });
    }
  }
}

/** Rules in the text of a chain or of a transaction. */
function ruleCount(text: string): number {
  let count = text.startsWith('-A ') ? 1 : 0;
  for (let at = text.indexOf('\n-A '); at !== -1; at = text.indexOf('\n-A ', at + 1)) count++;
  return count;
}
