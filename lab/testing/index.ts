export { pick, seeded } from './random.ts';
export { IS_FULL, rounds, SEED, seeds } from './rounds.ts';
