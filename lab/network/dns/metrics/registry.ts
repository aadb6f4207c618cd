type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly lines: () => string[];
}

const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const renderLabels = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

/** Measurements, and their text in Prometheus's exposition format 0.0.4. */
export class Registry {
  readonly #families = new Map<string, Family>();

  /** @returns adds to the counter with these labels, 1 unless told */
  counter(name: string, help: string): (labels: Labels, amount?: number) => void {
    const values = this.#values(name, 'counter', help);
    return (labels, amount = 1) => {
      const key = renderLabels(labels);
      values.set(key, (values.get(key) ?? 0) + amount);
    };
  }

  /** @returns sets the gauge with these labels */
  gauge(name: string, help: string): (labels: Labels, value: number) => void {
    const values = this.#values(name, 'gauge', help);
    return (labels, value) => void values.set(renderLabels(labels), value);
  }

  /** @param bounds upper bounds of the buckets, rising @returns takes a measurement */
  histogram(name: string, help: string, bounds: readonly number[]): (labels: Labels, value: number) => void {
    const series = new Map<string, { labels: Labels; buckets: number[]; sum: number; count: number }>();
    const lines = () =>
      [...series.values()].flatMap(({ labels, buckets, sum, count }) => {
        let total = 0;
        const cumulative = bounds.map((bound, index) => {
          total += buckets[index] ?? 0;
          return `${name}_bucket${renderLabels({ ...labels, le: String(bound) })} ${total}`;
        });
        return [
          ...cumulative,
          `${name}_bucket${renderLabels({ ...labels, le: '+Inf' })} ${count}`,
          `${name}_sum${renderLabels(labels)} ${sum}`,
          `${name}_count${renderLabels(labels)} ${count}`,
        ];
      });
    this.#families.set(name, { type: 'histogram', help, lines });
    return (labels, value) => {
      const key = Object.values(labels).join('\0');
      let one = series.get(key);
      if (!one) {
        one = { labels, buckets: bounds.map(() => 0), sum: 0, count: 0 };
        series.set(key, one);
      }
      const bucket = bounds.findIndex((bound) => value <= bound);
      if (bucket !== -1) one.buckets[bucket] = (one.buckets[bucket] ?? 0) + 1;
      one.sum += value;
      one.count++;
    };
  }

  /** A metric that is looked up when somebody asks. */
  read(name: string, help: string, value: () => number): void {
    this.#families.set(name, { type: 'gauge', help, lines: () => [`${name} ${value()}`] });
  }

  /** Families without a measurement are left out. */
  text(): string {
    let text = '';
    for (const [name, { type, help, lines }] of this.#families) {
      const measured = lines();
      if (measured.length > 0)
        text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${measured.join('\n')}\n`;
    }
    return text;
  }

  #values(name: string, type: 'counter' | 'gauge', help: string): Map<string, number> {
    const values = new Map<string, number>();
    const lines = () => [...values].map(([labels, value]) => `${name}${labels} ${value}`);
    this.#families.set(name, { type, help, lines });
    return values;
  }
}
