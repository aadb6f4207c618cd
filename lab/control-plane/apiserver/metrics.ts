import type { Store } from '../store/index.ts';

const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 60] as const;

interface Series {
  count: number;
  seconds: number;
  readonly buckets: number[];
}

/** Counters of one server, in the names of the real kube-apiserver where it has them. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #durations = new Map<string, Series>();
  inFlight = 0;
  droppedWatchers = 0;

  /** @param verb in Kubernetes' words: GET, LIST, WATCH, CREATE, … */
  observe(verb: string, resource: string, code: number, seconds: number): void {
    const labels = `verb="${verb}",resource="${resource}"`;
    const counted = `${labels},code="${code}"`;
    this.#requests.set(counted, (this.#requests.get(counted) ?? 0) + 1);
    if (verb === 'WATCH') return;
    const series = this.#durations.get(labels) ?? { count: 0, seconds: 0, buckets: BUCKETS.map(() => 0) };
    this.#durations.set(labels, series);
    series.count++;
    series.seconds += seconds;
    for (const [index, limit] of BUCKETS.entries())
      if (seconds <= limit) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
  }

  /** The Prometheus text format. */
  render(store: Store): string {
    const lines = [
      '# HELP apiserver_request_total Counter of apiserver requests by verb, resource and code.',
      '# TYPE apiserver_request_total counter',
      ...[...this.#requests].map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
      '# HELP apiserver_request_duration_seconds Response latency by verb and resource, watches aside.',
      '# TYPE apiserver_request_duration_seconds histogram',
    ];
    for (const [labels, series] of this.#durations) {
      const name = 'apiserver_request_duration_seconds';
      for (const [index, limit] of BUCKETS.entries())
        lines.push(`${name}_bucket{${labels},le="${limit}"} ${series.buckets[index]}`);
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${series.count}`);
      lines.push(`${name}_sum{${labels}} ${series.seconds}`, `${name}_count{${labels}} ${series.count}`);
    }
    const sizes = store.sizes();
    lines.push(
      '# HELP apiserver_storage_objects Number of stored objects by resource.',
      '# TYPE apiserver_storage_objects gauge',
      ...sizes.map(({ resource, objects }) => `apiserver_storage_objects{resource="${resource}"} ${objects}`),
      '# HELP apiserver_longrunning_requests Number of open watches by resource.',
      '# TYPE apiserver_longrunning_requests gauge',
      ...sizes.map(
        ({ resource, watchers }) =>
          `apiserver_longrunning_requests{verb="WATCH",resource="${resource}"} ${watchers}`,
      ),
      '# TYPE apiserver_current_inflight_requests gauge',
      `apiserver_current_inflight_requests ${this.inFlight}`,
      '# HELP apiserver_terminated_watchers_total Watchers dropped because they did not read.',
      '# TYPE apiserver_terminated_watchers_total counter',
      `apiserver_terminated_watchers_total ${this.droppedWatchers}`,
      '# TYPE hoplab_store_revision gauge',
      `hoplab_store_revision ${store.revision}`,
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    );
    return `${lines.join('\n')}\n`;
  }
}
