import { defineConfig } from 'vitest/config';

// Two projects: `unit` needs no Docker and stands beside its source; `lab` builds real labs, one after the other.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Pure code: files share one module cache per worker, which halves the time.
          pool: 'threads',
          isolate: false,
          include: ['lab/**/*.test.ts', 'test/unit/**/*.test.ts', 'test/errors/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'lab',
          include: [
            'test/lab/**/*.test.ts',
            'test/netns/**/*.test.ts',
            'test/node/**/*.test.ts',
            'test/control-plane/**/*.test.ts',
          ],
          fileParallelism: false,
          // CI's machines are shared. What fails once and then holds is told as retried; what fails twice has failed.
          retry: process.env.CI ? 1 : 0,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
