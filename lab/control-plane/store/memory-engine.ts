import type { DiskWrite, Engine } from './engine.ts';

/** An engine that keeps nothing, for tests of what lies above it. `commits` counts transactions. */
export function memoryEngine(): Engine & { commits: number; failNext: Error | undefined } {
  return {
    commits: 0,
    failNext: undefined,
    load: () => ({ revision: 0, objects: [] }),
    async commit(_writes: readonly DiskWrite[]) {
      const failure = this.failNext;
      this.failNext = undefined;
      if (failure) throw failure;
      this.commits++;
    },
    async close() {},
  };
}
