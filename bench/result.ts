/** One measurement: ours against a baseline of the same run. */
export interface BenchResult {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly baseline: number;
  /** ours / baseline. */
  readonly ratio: number;
  readonly limit: { readonly kind: 'at most' | 'at least'; readonly ratio: number };
  readonly held: boolean;
  readonly note?: string;
}

/** Compares ours with the baseline; what is compared with a plain number (memory) has that as its baseline. */
export function result(
  name: string,
  unit: string,
  ours: number,
  baseline: number,
  kind: 'at most' | 'at least',
  limit: number,
  note?: string,
): BenchResult {
  const ratio = ours / baseline;
  const held = kind === 'at most' ? ratio <= limit : ratio >= limit;
  return {
    name,
    unit,
    ours,
    baseline,
    ratio,
    limit: { kind, ratio: limit },
    held,
    ...(note ? { note } : {}),
  };
}

/** The middle of several runs: machines are shared, and one run is noise. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
