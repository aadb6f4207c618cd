/**
 * The 607 words with which Go's math/rand mixes every seed (`rngCooked`). They are the state of the same
 * additive lagged Fibonacci generator, seeded with 1, after 7.8 · 10¹² steps: days of stepping, but a linear
 * recurrence can be jumped ahead by powers of x in Z/2⁶⁴[x] / (x⁶⁰⁷ − x³³⁴ − 1), which takes milliseconds and
 * leaves no table in the source to be trusted.
 */

/** Length and tap of the generator: s[n] = s[n−607] + s[n−273]. */
export const LENGTH = 607;
export const TAP = 273;

const STEPS = 7_800_000_000_000;
const MASK64 = (1n << 64n) - 1n;

/**
 * Lehmer's generator, x ↦ 48271·x mod 2³¹−1. The products stay below 2⁴⁷, so doubles are exact.
 */
export function lehmer(x: number): number {
  return (48271 * x) % 2147483647;
}

/**
 * 607 words out of a 31-bit seed: twenty steps of {@link lehmer} are dropped, then three make one word.
 *
 * @param shift distance in bits between the three parts of a word
 */
export function seedWords(seed: number, shift: number): bigint[] {
  let x = seed;
  for (let i = 0; i < 20; i++) x = lehmer(x);
  return Array.from({ length: LENGTH }, () => {
    let word = 0n;
    for (const part of [2, 1, 0]) {
      x = lehmer(x);
      word ^= BigInt(x) << BigInt(shift * part);
    }
    return word;
  });
}

let table: readonly bigint[] | undefined;

/** The table as unsigned 64-bit words; computed at the first call. */
export function cookedWords(): readonly bigint[] {
  table ??= computeCooked();
  return table;
}

function computeCooked(): bigint[] {
  // The generator walks its array downwards: step n writes index 333 − n. What the array holds at first is what the
  // steps −607 … −1 would have written.
  const slot = (step: number) => (((LENGTH - TAP - 1 - step) % LENGTH) + LENGTH) % LENGTH;
  const initial = seedWords(1, 10);
  const sequence: bigint[] = [];
  for (let i = 0; i < 2 * LENGTH; i++) {
    const word =
      i < LENGTH
        ? (initial[slot(i - LENGTH)] as bigint)
        : (sequence[i - LENGTH] as bigint) + (sequence[i - TAP] as bigint);
    sequence.push(word & MASK64);
  }
  // With x^STEPS = Σ c[i]·x^i the state STEPS steps on is s[STEPS+k] = Σ c[i]·s[i+k]: a product with c reversed.
  const power = powerOfX(STEPS);
  const sums = multiply(sequence, power.reverse());
  const cooked = new Array<bigint>(LENGTH);
  for (let k = 0; k < LENGTH; k++) cooked[slot(STEPS + k - LENGTH)] = sums[k + LENGTH - 1] as bigint;
  return cooked;
}

function powerOfX(exponent: number): bigint[] {
  let power = [1n];
  for (const bit of exponent.toString(2)) {
    power = reduce(multiply(power, power));
    if (bit === '1') power = reduce([0n, ...power]);
  }
  return power;
}

/** Replaces x^i by x^(i−607) + x^(i−273) from the top down. */
function reduce(polynomial: bigint[]): bigint[] {
  const p = polynomial;
  for (let i = p.length - 1; i >= LENGTH; i--) {
    const c = p[i] as bigint;
    p[i - LENGTH] = ((p[i - LENGTH] as bigint) + c) & MASK64;
    p[i - TAP] = ((p[i - TAP] as bigint) + c) & MASK64;
  }
  return Array.from({ length: LENGTH }, (_, i) => p[i] ?? 0n);
}

/** Hex digits per coefficient: a sum of 607 products of 64-bit words has fewer than 144 bits. */
const DIGITS = 36;

/** Product modulo 2⁶⁴ by Kronecker's substitution: both factors as one huge integer each. */
function multiply(a: readonly bigint[], b: readonly bigint[]): bigint[] {
  const length = a.length + b.length - 1;
  const digits = (pack(a) * pack(b)).toString(16).padStart(DIGITS * length, '0');
  return Array.from({ length }, (_, i) => {
    const end = digits.length - i * DIGITS;
    return BigInt(`0x${digits.slice(end - 16, end)}`);
  });
}

function pack(polynomial: readonly bigint[]): bigint {
  const digits = polynomial.map((c) => c.toString(16).padStart(DIGITS, '0'));
  return BigInt(`0x${digits.reverse().join('')}`);
}
