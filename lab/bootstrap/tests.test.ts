import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { findings, testRuns, total } from './tests.js';

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

describe('what is told before the last line', () => {
  const test = (fullName: string, status: string, ...failureMessages: string[]) => ({
    fullName,
    status,
    failureMessages,
  });
  const file = (name: string, message: string, ...assertionResults: ReturnType<typeof test>[]) => ({
    name: `/lab/${name}`,
    status: message || assertionResults.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
    message,
    assertionResults,
  });

  it('is nothing when all passed at once', () => {
    const run = { testResults: [file('a.test.ts', '', test('a', 'passed'))] };
    expect(findings([run, undefined], '/lab')).toEqual([]);
  });

  it('names what failed and what held at the second try', () => {
    const red =
      '\u001b[31mExpected\u001b[39m 1\n    at /lab/node_modules/x.js:1:1\n    at /lab/a.test.ts:3:4';
    const run = {
      testResults: [
        file('a.test.ts', '', test('a b', 'failed', red, red), test('c', 'passed', 'once')),
        file('b.test.ts', 'Hook timed out', test('d', 'skipped')),
      ],
    };
    expect(findings([undefined, run], '/lab')).toEqual([
      'failed: a.test.ts > a b',
      '    Expected 1',
      '        at /lab/a.test.ts:3:4',
      '    Expected 1',
      '        at /lab/a.test.ts:3:4',
      'held at the second try: a.test.ts > c',
      '    once',
      'failed: b.test.ts',
      '    Hook timed out',
    ]);
  });

  it('keeps the beginning and the end of a long message', () => {
    const story = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    const run = { testResults: [file('a.test.ts', '', test('a', 'failed', story))] };
    const lines = findings([run], '/lab');
    expect(lines).toHaveLength(16);
    expect(lines[1]).toBe('    line 0');
    expect(lines.at(-1)).toBe('    line 99');
  });
});
