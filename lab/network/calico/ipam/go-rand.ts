import { cookedWords, LENGTH, seedWords, TAP } from './go-rand-table.ts';

const MASK64 = (1n << 64n) - 1n;
const MASK63 = (1n << 63n) - 1n;
const LEHMER_MODULUS = 2147483647;

/** Go's `rand.New(rand.NewSource(seed))` of math/rand (version 1), as far as block choice needs it. */
export class GoRand {
  readonly #words: bigint[];
  #tap = 0;
  #feed = LENGTH - TAP;

  /** @param seed an integer that a double holds exactly */
  constructor(seed: number) {
    const reduced = ((seed % LEHMER_MODULUS) + LEHMER_MODULUS) % LEHMER_MODULUS;
    const cooked = cookedWords();
    // 0 is a fixed point of the Lehmer generator; Go replaces it by this constant.
    this.#words = seedWords(reduced || 89482311, 20).map(
      (word, i) => (word ^ (cooked[i] as bigint)) & MASK64,
    );
  }

  /** The next 32 random bits: the top of the 63 that `Int63` gives. */
  uint32(): number {
    this.#tap = (this.#tap + LENGTH - 1) % LENGTH;
    this.#feed = (this.#feed + LENGTH - 1) % LENGTH;
    const sum = ((this.#words[this.#feed] as bigint) + (this.#words[this.#tap] as bigint)) & MASK64;
    this.#words[this.#feed] = sum;
    return Number((sum & MASK63) >> 31n);
  }

  /**
   * `big.Int.Rand(r, n)` of a 64-bit Go for 1 ≤ n ≤ 2³²: one word is two 32-bit draws, low half first, cut to the
   * bits of n, and drawn again while it is not below n.
   */
  bigIntBelow(n: number): number {
    const bits = n.toString(2).length;
    for (;;) {
      const low = this.uint32();
      const high = this.uint32();
      const word = bits > 32 ? (high % 2 ** (bits - 32)) * 2 ** 32 + low : low % 2 ** bits;
      if (word < n) return word;
    }
  }
}
