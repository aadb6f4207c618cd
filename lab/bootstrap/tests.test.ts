import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { testRuns, total } from './tests.js';

describe('npm test', () => {
  it('runs every project once, and what looks at the host alone', () => {
    const runs = testRuns([]);
    const named = runs.flat(2).filter((word) => word !== '--project');
    const projects = (config as { test: { projects: { test: { name: string } }[] } }).test.projects;
    expect(named.sort()).toEqual(projects.map(({ test }) => test.name).sort());
    const alone = runs.find((side) => side.flat().includes('host'));
    expect(alone).toHaveLength(1);
  });

  it('hands what the user named to one run', () => {
    expect(testRuns(['test/netns', '-t', 'x'])).toEqual([[['test/netns', '-t', 'x']]]);
  });
});

describe('the last line', () => {
  const counts = (numPassedTests: number, numFailedTests: number, numPendingTests: number) => ({
    numPassedTests,
    numFailedTests,
    numPendingTests,
  });

  it('has the sum of all runs', () => {
    expect(total([counts(5, 0, 0), counts(7, 1, 0)])).toBe('12 passed, 1 failed');
    expect(total([counts(5, 0, 2)])).toBe('5 passed, 0 failed, 2 skipped');
  });

  it('tells of a run that was cut off', () => {
    expect(total([counts(5, 0, 0), undefined])).toBe('5 passed, 0 failed, 1 run(s) ended without a result');
  });
});
