import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { allHeld, findings, testRuns, toRepeat, total, withRepeated } from './tests.js';

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
const run = (...testResults: ReturnType<typeof file>[]) => ({ testResults });

describe('the last line', () => {
  const counts = (...states: string[]) => run(file('a', '', ...states.map((state) => test('t', state))));

  it('has the sum of all runs', () => {
    expect(total([counts('passed', 'passed'), counts('passed', 'failed')])).toBe('3 passed, 1 failed');
    expect(total([counts('passed', 'skipped')])).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('tells of a run that was cut off', () => {
    expect(total([counts('passed'), undefined])).toBe('1 passed, 0 failed, 1 run(s) ended without a result');
  });
});

describe('what failed', () => {
  const passed = file('test/lab/a.test.ts', '', test('a', 'passed'));
  const failed = (name: string) => file(name, '', test('a', 'failed', 'broken'), test('b', 'passed'));
  const hook = file('test/netns/b.test.ts', 'Hook timed out', test('a', 'skipped'));

  it('is run again when it is of labs or programs, and little', () => {
    expect(toRepeat([run(passed), run(hook), run(failed('test/lab/c.test.ts'))], '/lab')).toEqual([
      'test/netns/b.test.ts',
      'test/lab/c.test.ts',
    ]);
    expect(toRepeat([run(passed)], '/lab')).toEqual([]);
    expect(toRepeat([run(hook), undefined], '/lab')).toEqual([]);
    expect(toRepeat([run(hook, failed('lab/a.test.ts'))], '/lab')).toEqual([]);
    expect(toRepeat([run(...Array(5).fill(hook))], '/lab')).toEqual([]);
  });

  it('counts as it did then, and what it did first is told', () => {
    const held = file(hook.name.slice(5), '', test('a', 'passed'));
    const runs = [run(passed, hook), run(failed('test/lab/c.test.ts'))];
    expect(allHeld(runs)).toBe(false);
    const both = withRepeated(runs, run(held, file('test/lab/c.test.ts', '', test('a', 'passed'))));
    expect(allHeld(both)).toBe(true);
    expect(total(both)).toBe('3 passed, 0 failed');
    expect(findings(both, '/lab')).toEqual([
      'failed before it was run again: test/netns/b.test.ts',
      '    Hook timed out',
      'failed before it was run again: test/lab/c.test.ts > a',
      '    broken',
    ]);
    const some = withRepeated(runs, run(held, failed('test/lab/c.test.ts')));
    expect(allHeld(some)).toBe(false);
    expect(total(some)).toBe('3 passed, 1 failed');
    expect(findings(some, '/lab')).toContain('failed: test/lab/c.test.ts > a');
    expect(allHeld(withRepeated(runs, undefined))).toBe(false);
  });
});

describe('what is told before the last line', () => {
  it('is nothing when all passed at once', () => {
    expect(findings([run(file('a.test.ts', '', test('a', 'passed'))), undefined], '/lab')).toEqual([]);
  });

  it('names what failed and what held at the second try', () => {
    const red =
      '\u001b[31mExpected\u001b[39m 1\n    at /lab/node_modules/x.js:1:1\n    at /lab/a.test.ts:3:4';
    const some = run(
      file('a.test.ts', '', test('a b', 'failed', red, red), test('c', 'passed', 'once')),
      file('b.test.ts', 'Hook timed out', test('d', 'skipped')),
    );
    expect(findings([undefined, some], '/lab')).toEqual([
      'failed: a.test.ts > a b',
      '    Expected 1',
      '        at /lab/a.test.ts:3:4',
      '    Expected 1',
      '        at /lab/a.test.ts:3:4',
      'held at its second try: a.test.ts > c',
      '    once',
      'failed: b.test.ts',
      '    Hook timed out',
    ]);
  });

  it('keeps the beginning and the end of a long message', () => {
    const story = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    const lines = findings([run(file('a.test.ts', '', test('a', 'failed', story)))], '/lab');
    expect(lines).toHaveLength(16);
    expect(lines[1]).toBe('    line 0');
    expect(lines.at(-1)).toBe('    line 99');
  });
});
