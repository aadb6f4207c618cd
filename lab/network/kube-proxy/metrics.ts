type Labels = Readonly<Record<string, string>>;
type Kind = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly help: string;
  readonly kind: Kind;
  readonly buckets: readonly number[];
  readonly values: Map<string, number>;
  readonly histograms: Map<string, { counts: number[]; sum: number; count: number }>;
}

/** Seconds: 1 ms doubled fourteen times, the buckets of the real program's sync histograms. */
const SYNC_BUCKETS = Array.from({ length: 15 }, (_, exponent) => 0.001 * 2 ** exponent);
/** Seconds: the buckets of the network programming latency SLI. */
const PROGRAMMING_BUCKETS = [
  0.25,
  0.5,
  ...Array.from({ length: 59 }, (_, i) => i + 1),
  ...[65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120],
  ...[150, 180, 210, 240, 270, 300],
];

const text = (labels: Labels) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
const braces = (labels: string) => (labels === '' ? '' : `{${labels}}`);

/** kube-proxy's metrics in Prometheus' text format; names and buckets are those of pkg/proxy/metrics/metrics.go. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  constructor() {
    const prefix = 'sync_proxy_rules';
    const define = (name: string, kind: Kind, help: string, buckets: readonly number[] = []) => {
      const family = { help, kind, buckets, values: new Map(), histograms: new Map() };
      this.#families.set(`kubeproxy_${name}`, family);
    };
    define(`${prefix}_duration_seconds`, 'histogram', 'SyncProxyRules latency in seconds', SYNC_BUCKETS);
    define(
      'sync_full_proxy_rules_duration_seconds',
      'histogram',
      'SyncProxyRules latency in seconds for full resyncs',
      SYNC_BUCKETS,
    );
    define(
      'sync_partial_proxy_rules_duration_seconds',
      'histogram',
      'SyncProxyRules latency in seconds for partial resyncs',
      SYNC_BUCKETS,
    );
    define(`${prefix}_last_timestamp_seconds`, 'gauge', 'The last time proxy rules were successfully synced');
    define(
      `${prefix}_last_queued_timestamp_seconds`,
      'gauge',
      'The last time a sync of proxy rules was queued',
    );
    define(`${prefix}_endpoint_changes_total`, 'counter', 'Cumulative proxy rules Endpoint changes');
    define(`${prefix}_endpoint_changes_pending`, 'gauge', 'Pending proxy rules Endpoint changes');
    define(`${prefix}_service_changes_total`, 'counter', 'Cumulative proxy rules Service changes');
    define(`${prefix}_service_changes_pending`, 'gauge', 'Pending proxy rules Service changes');
    define(
      `${prefix}_iptables_restore_failures_total`,
      'counter',
      'Cumulative proxy iptables restore failures',
    );
    define(
      `${prefix}_iptables_partial_restore_failures_total`,
      'counter',
      'Cumulative proxy iptables partial restore failures',
    );
    define(`${prefix}_iptables_total`, 'gauge', 'Total number of iptables rules owned by kube-proxy');
    define(`${prefix}_iptables_last`, 'gauge', 'Number of iptables rules written by kube-proxy in last sync');
    define(
      `${prefix}_no_local_endpoints_total`,
      'gauge',
      'Number of services with a Local traffic policy and no endpoints',
    );
    define(
      'network_programming_duration_seconds',
      'histogram',
      'In Cluster Network Programming Latency in seconds',
      PROGRAMMING_BUCKETS,
    );
    define('proxy_healthz_total', 'counter', 'Cumulative proxy healthz HTTP status');
    define('proxy_livez_total', 'counter', 'Cumulative proxy livez HTTP status');
  }

  /** @throws Error for a name that is not defined */
  set(name: string, value: number, labels: Labels = {}): void {
    this.#family(name).values.set(text(labels), value);
  }

  add(name: string, labels: Labels = {}, value = 1): void {
    const { values } = this.#family(name);
    values.set(text(labels), (values.get(text(labels)) ?? 0) + value);
  }

  /** @param seconds that something took */
  observe(name: string, seconds: number): void {
    const { buckets, histograms } = this.#family(name);
    const found = histograms.get('') ?? { counts: buckets.map(() => 0), sum: 0, count: 0 };
    histograms.set('', found);
    buckets.forEach((limit, index) => {
      if (seconds <= limit) found.counts[index] = (found.counts[index] ?? 0) + 1;
    });
    found.sum += seconds;
    found.count++;
  }

  render(): string {
    const lines: string[] = [];
    for (const [name, { help, kind, buckets, values, histograms }] of this.#families) {
      lines.push(`# HELP ${name} [ALPHA] ${help}`, `# TYPE ${name} ${kind}`);
      for (const [labels, value] of values) lines.push(`${name}${braces(labels)} ${value}`);
      for (const { counts, sum, count } of histograms.values()) {
        buckets.forEach((limit, index) => {
          lines.push(`${name}_bucket{le="${limit}"} ${counts[index] ?? 0}`);
        });
        lines.push(`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${sum}`, `${name}_count ${count}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  #family(name: string): Family {
    const family = this.#families.get(`kubeproxy_${name}`);
    if (!family) throw new Error(`no metric ${name}`);
    return family;
  }
}
