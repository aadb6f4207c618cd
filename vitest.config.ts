import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// How often random tests run, and the one seed of them that nobody chose (lab/testing/rounds.ts).
process.env.HOPLAB_ROUNDS ??= 'quick';
process.env.HOPLAB_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
const { HOPLAB_ROUNDS, HOPLAB_SEED } = process.env;
process.stdout.write(
  `random tests: ${HOPLAB_ROUNDS === 'full' ? 'all rounds' : 'few rounds (HOPLAB_ROUNDS=full: all)'}, HOPLAB_SEED=${HOPLAB_SEED}\n`,
);

/** Labs and programs, one file after the other. */
const oneByOne = {
  fileParallelism: false,
  // CI's machines are shared. What fails once and then holds is told as retried; what fails twice has failed.
  retry: process.env.CI ? 1 : 0,
  testTimeout: 120_000,
  hookTimeout: 600_000,
};

// What looks at the whole host, and must be alone with it.
const HOST = ['test/lab/life-cycle.test.ts'];
// What needs no lab: programs on the loopback interface and in network namespaces of their own.
const PROGRAMS = ['test/control-plane/**/*.test.ts', 'test/netns/**/*.test.ts'];
// Of these, the ones that measure how soon another node takes over want no company.
const TIMED = ['test/netns/metallb*.test.ts'];

// `unit` needs no Docker and stands beside its source; `host` and `lab` build real labs. `npm test` lets `programs` run beside `lab`
// (lab/bootstrap/tests.js); a plain `vitest run` takes one after the other.
export default defineConfig({
  test: {
    // Compiled modules are kept from run to run, by their content.
    experimental: { fsModuleCache: true, fsModuleCachePath: 'node_modules/.cache/hoplab/vitest' },
    projects: [
      {
        test: {
          name: 'unit',
          // Pure code: files share one module cache per worker, which halves the time.
          pool: 'threads',
          isolate: false,
          // One for each processor: Vitest would leave one to itself.
          maxWorkers: Math.max(2, availableParallelism()),
          include: ['lab/**/*.test.ts', 'test/unit/**/*.test.ts', 'test/errors/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/node/**/*.test.ts', ...TIMED],
          exclude: HOST,
          globalSetup: 'test/support/paper-lab.ts',
          ...oneByOne,
        },
      },
      { test: { name: 'host', include: HOST, ...oneByOne } },
      { test: { name: 'programs', include: PROGRAMS, exclude: TIMED, ...oneByOne } },
    ],
  },
});
