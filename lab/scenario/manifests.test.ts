import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ScenarioSpec } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { equals } from './match.ts';
import type { RunOptions } from './runner.ts';
import { runStory, testFolder } from './story.fixture.ts';

const folder = testFolder();
const run = (lab: FakeLab, story: ScenarioSpec['story'], more: Partial<ScenarioSpec & RunOptions> = {}) =>
  runStory(folder, lab, story, more);

describe('manifests', () => {
  beforeEach(async () => {
    for (const name of ['space', 'web', 'rule'])
      await writeFile(join(folder.path, `${name}.yaml`), `name: ${name}\n`);
  });

  test('are applied before the story, and what the lab has of them at its end is deleted, the last one first', async () => {
    const lab = new FakeLab();
    const result = await run(
      lab,
      async (s) => {
        await s.apply('One more', './rule.yaml');
        await s.apply('and another', './more/../web.yaml');
        await s.remove('Away with it', './rule.yaml');
      },
      { manifests: ['./space.yaml'] },
    );
    expect(result.status).toBe('passed');
    expect(lab.done).toEqual([
      'apply name: space',
      'apply name: rule',
      'apply name: web',
      'remove name: rule',
      'remove name: web',
      'remove name: space',
    ]);
    expect(result.story).toMatchObject([
      { kind: 'command', sentence: 'One more', typed: 'hoplab kubectl apply -f scenarios/pods/rule.yaml' },
      { typed: 'hoplab kubectl apply -f scenarios/pods/web.yaml' },
      { typed: 'hoplab kubectl delete -f scenarios/pods/rule.yaml' },
    ]);
  });

  test('one that failed half-way is deleted, too', async () => {
    const lab = new FakeLab();
    lab.apply = async () => {
      throw new Error('refused');
    };
    const result = await run(lab, async (s) => s.apply('One', './rule.yaml'));
    expect(result.failure?.message).toContain('refused');
    expect(lab.done).toContain('remove name: rule');
  });

  test("kubectl's lines are events without a marker", async () => {
    let looks = 0;
    const lab = new FakeLab({ 'get pods': () => (looks++ === 0 ? 'Pending' : 'Running') });
    lab.onStream = (stream) => {
      expect(stream.command).toBe('get pods -w');
      stream.say('frontend Running');
    };
    const result = await run(lab, async (s) => {
      await s.step('It runs', {
        on: 'kubectl',
        run: 'get pods',
        see: equals('Running'),
        within: 5_000,
        until: { watch: 'get pods -w' },
      });
    });
    expect(result.status).toBe('passed');
  });
});
