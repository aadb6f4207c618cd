/*
 * Random tests come in two sizes: few rounds while somebody works (`npm run check`), and all of them for `npm test`, which CI
 * runs: HOPLAB_ROUNDS=full. In both sizes one seed is nobody's choice: HOPLAB_SEED, which vitest.config.ts draws and tells.
 */

export const IS_FULL = process.env.HOPLAB_ROUNDS === 'full';

/** The seed of this run. */
export const SEED = Number(process.env.HOPLAB_SEED ?? 1);

/** How often: the size of this run. */
export const rounds = (quick: number, full: number): number => (IS_FULL ? full : quick);

/** The seeds 1, 2, 3 … of this size, the same in every run, and then the one of this run. */
export function seeds(quick: number, full: number): number[] {
  return [...Array.from({ length: rounds(quick, full) }, (_, index) => index + 1), SEED];
}
