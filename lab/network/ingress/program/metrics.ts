import type { ConnectionCounts } from '../nginx/index.ts';

interface Numbers {
  reloads: number;
  errors: number;
  lastSuccessful: boolean;
  /** Seconds since 1970. */
  lastSuccessAt: number;
  checksum: string;
  leads: boolean;
}

interface Sample {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const PREFIX = 'nginx_ingress_controller';

/** The controller's metrics in Prometheus' text format; names and labels are ingress-nginx's (internal/ingress/metric/collectors). */
export class Metrics {
  readonly #labels: Readonly<Record<string, string>>;
  readonly numbers: Numbers = {
    reloads: 0,
    errors: 0,
    lastSuccessful: false,
    lastSuccessAt: 0,
    checksum: '',
    leads: false,
  };

  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = labels;
  }

  /** @param counts of nginx; undefined while it does not answer */
  render(counts: ConnectionCounts | undefined): string {
    return this.#samples(counts)
      .map(({ name, type, help, values }) => {
        const lines = values.map(([labels, value]) => `${PREFIX}_${name}${this.#braces(labels)} ${value}\n`);
        return `# HELP ${PREFIX}_${name} ${help}\n# TYPE ${PREFIX}_${name} ${type}\n${lines.join('')}`;
      })
      .join('');
  }

  #braces(labels: Readonly<Record<string, string>>): string {
    const pairs = Object.entries({ ...this.#labels, ...labels }).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
  }

  #samples(counts: ConnectionCounts | undefined): Sample[] {
    const { reloads, errors, lastSuccessful, lastSuccessAt, checksum, leads } = this.numbers;
    const one = (name: string, type: Sample['type'], help: string, value: number): Sample => ({
      name,
      type,
      help,
      values: [[{}, value]],
    });
    const hash = checksum === '' ? 0 : Number.parseInt(checksum.slice(0, 13), 16);
    const controller = [
      one('success', 'counter', 'Cumulative number of Ingress controller reload operations', reloads),
      one(
        'errors',
        'counter',
        'Cumulative number of Ingress controller errors during reload operations',
        errors,
      ),
      one('config_hash', 'gauge', 'Running configuration hash actually running', hash),
      one(
        'config_last_reload_successful',
        'gauge',
        'Whether the last configuration reload attempt was successful',
        Number(lastSuccessful),
      ),
      one(
        'config_last_reload_successful_timestamp_seconds',
        'gauge',
        'Timestamp of the last successful configuration reload.',
        lastSuccessAt,
      ),
      one('leader_election_status', 'gauge', 'Gauge reporting status of the leader election', Number(leads)),
    ];
    if (!counts) return controller;
    const { active, accepted, handled, requests, reading, writing, waiting } = counts;
    return [
      ...controller,
      {
        name: 'nginx_process_connections',
        type: 'gauge',
        help: 'current number of client connections with state {active, reading, writing, waiting}',
        values: Object.entries({ active, reading, waiting, writing }).map(([state, value]) => [
          { state },
          value,
        ]),
      },
      {
        name: 'nginx_process_connections_total',
        type: 'counter',
        help: 'total number of connections with state {accepted, handled}',
        values: Object.entries({ accepted, handled }).map(([state, value]) => [{ state }, value]),
      },
      one('nginx_process_requests_total', 'counter', 'total number of client requests', requests),
    ];
  }
}
