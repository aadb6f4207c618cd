import { describe, expect, test } from 'vitest';
import type { ScenarioSpec } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { equals } from './match.ts';
import type { RunOptions } from './runner.ts';
import { runStory, testFolder } from './story.fixture.ts';

const folder = testFolder();
const run = (lab: FakeLab, story: ScenarioSpec['story'], more: Partial<ScenarioSpec & RunOptions> = {}) =>
  runStory(folder, lab, story, more);

describe('connectivity', () => {
  const from = { name: 'pod', on: 'worker1', enter: 'nsenter -t 7 -n' };
  const answers = {
    'nsenter -t 7 -n sh -c \'for to in 1.1.1.1 2.2.2.2:8080; do echo "$to: $(curl -s --max-time 3 http://$to/ || echo no answer)" & done; wait\'':
      '1.1.1.1: frontend-1 (1.1.1.1) sees 9.9.9.9\n2.2.2.2:8080: no answer\n',
  };

  test('is checked as a set and printed as a table', async () => {
    const result = await run(new FakeLab(answers), async (s) => {
      const net = s.connectivity();
      net.some(from, { name: 'a', address: '1.1.1.1' }, ['8.8.8.8', '9.9.9.9']);
      net.none(from, { name: 'b', address: '2.2.2.2:8080' });
      await net.check('who reaches whom');
    });
    expect(result.story).toMatchObject([{ stdout: 'from \\ to  a        b\npod        9.9.9.9  -\n' }]);
  });

  test('every wrong pair is named', async () => {
    const result = await run(new FakeLab(answers), async (s) => {
      const net = s.connectivity();
      net.some(from, { name: 'a', address: '1.1.1.1' }, '8.8.8.8');
      net.some(from, { name: 'b', address: '2.2.2.2:8080' }, '8.8.8.8');
      await net.check('who reaches whom');
    });
    expect(result.failure?.detail).toContain('pod -> a: expected seen as 8.8.8.8, observed seen as 9.9.9.9');
    expect(result.failure?.detail).toContain('pod -> b: expected seen as 8.8.8.8, observed no answer');
  });

  test('an expectation never checked is an error', async () => {
    const result = await run(new FakeLab({ a: 'b' }), async (s) => {
      await s.step('x', { on: 'worker1', run: 'a', see: equals('b') });
      s.connectivity().none(from, { name: 'a', address: '1.1.1.1' });
    });
    expect(result.failure?.detail).toBe('never checked: connectivity from pod to a (1 expectations)');
  });
});
