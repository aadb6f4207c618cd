/** resource.Quantity: a decimal number with a suffix. Compared exactly, in thousand-millionths (Go's nano scale). */
const decimal: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': 1_000_000_000n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
};
const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const nano = 1_000_000_000n;
const format = /^([+-]?)(\d*)(?:\.(\d*))?([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;

/**
 * @returns the value in nano units, or undefined when the text is no quantity
 */
export function parseQuantity(text: string | number): bigint | undefined {
  const match = format.exec(String(text));
  if (!match || ((match[2] ?? '') === '' && (match[3] ?? '') === '')) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  const digits = BigInt(`${whole}${fraction}` || '0');
  const scaled = (digits * factor(suffix)) / 10n ** BigInt(fraction.length);
  return sign === '-' ? -scaled : scaled;
}

/** @returns negative, zero or positive; texts that are no quantities count as zero */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = (parseQuantity(a) ?? 0n) - (parseQuantity(b) ?? 0n);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * The canonical form the server answers with: no fraction, the largest suffix that needs none; `0.5` → `500m`, `1024Mi` → `1Gi`.
 * @param text a quantity; anything else is returned as it is
 */
export function canonicalQuantity(text: string | number): string {
  const value = parseQuantity(text);
  if (value === undefined) return String(text);
  if (value === 0n) return '0';
  const suffix = format.exec(String(text))?.[4] ?? '';
  if (suffix in binary && value % nano === 0n && (value >= 1024n * nano || value <= -1024n * nano)) {
    return largest(value / nano, Object.entries(binary), '');
  }
  if (/^[eE]/.test(suffix)) return exponent(value);
  const steps = Object.entries(decimal).sort(([, a], [, b]) => (a < b ? -1 : 1));
  return largest(value, steps, 'n');
}

function factor(suffix: string): bigint {
  const power = binary[suffix];
  if (power !== undefined) return power * nano;
  const step = decimal[suffix];
  if (step !== undefined) return step;
  const exponentOf = Number(suffix.slice(1));
  return exponentOf >= -9 ? 10n ** BigInt(9 + exponentOf) : 0n;
}

function largest(value: bigint, steps: readonly (readonly [string, bigint])[], smallest: string): string {
  let text = `${value}${smallest}`;
  for (const [suffix, step] of steps) if (value % step === 0n) text = `${value / step}${suffix}`;
  return text;
}

function exponent(value: bigint): string {
  let power = -9;
  let rest = value;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    power += 3;
  }
  return power === 0 ? String(rest) : `${rest}e${power}`;
}
