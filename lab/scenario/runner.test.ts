import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ScenarioSpec } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { contains, equals } from './match.ts';
import { type RunOptions, runScenarios } from './runner.ts';
import { loaded, runStory, testFolder } from './story.fixture.ts';

const folder = testFolder();
const run = (lab: FakeLab, story: ScenarioSpec['story'], more: Partial<ScenarioSpec & RunOptions> = {}) =>
  runStory(folder, lab, story, more);

describe('a story', () => {
  test('without a step fails', async () => {
    expect((await run(new FakeLab(), async () => {})).failure?.code).toBe('E_UNCHECKED');
  });

  test('with a step that was not awaited fails', async () => {
    const result = await run(new FakeLab({ a: 'b' }), async (s) => {
      void s.step('forgotten', { on: 'worker1', run: 'a', see: contains('b') });
    });
    expect(result.failure).toMatchObject({ code: 'E_NOT_AWAITED', detail: 'missing await: forgotten' });
  });

  test('that throws is a failure with its stack', async () => {
    const result = await run(new FakeLab(), async () => {
      throw new Error('a bug');
    });
    expect(result.failure?.detail).toContain('runner.test.ts');
  });

  test('has its pods before it and none after it, also when it fails', async () => {
    await writeFile(join(folder.path, 'p.yaml'), 'kind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n');
    const lab = new FakeLab();
    const result = await run(
      lab,
      async (s) => {
        await s.step('x', { on: 'default/p', run: 'a', see: contains('b') });
      },
      { pods: [{ file: './p.yaml', on: 'worker2' }] },
    );
    expect(result.status).toBe('failed');
    const done = lab.done.filter((line) => !line.includes('exec') || line.endsWith(': a'));
    expect(done).toEqual(['applyPods p@worker2', 'waitReady default/p', 'exec default/p: a', 'deletePods p']);
    // The evidence is gathered while the pods still are there.
    expect(lab.done.at(-1)).toBe('deletePods p');
  });

  test('that leaves a node stopped has it started again', async () => {
    const lab = new FakeLab();
    const result = await run(lab, async (s) => {
      await s.nodeStop('worker2 loses power', 'worker2', 'power-cut');
      await s.step('x', { on: 'worker1', run: 'a', see: contains('b') });
    });
    expect(result.status).toBe('failed');
    expect(lab.done.filter((line) => line.startsWith('node'))).toEqual([
      'nodeStop worker2 power-cut',
      'nodeStart worker2',
    ]);
  });

  test('whose clean-up fails is a failure', async () => {
    const lab = new FakeLab();
    lab.nodeStart = async () => {
      throw new Error('worker2 does not start');
    };
    const result = await run(lab, async (s) => {
      await s.nodeStop('off', 'worker2');
    });
    expect(result.failure?.message).toBe('worker2 does not start');
  });
});

describe('a run', () => {
  const pass = async (s: Parameters<ScenarioSpec['story']>[0]): Promise<void> => {
    await s.step('x', { on: 'worker1', run: 'a', see: equals('') });
  };
  const fail = async (): Promise<void> => {
    throw new Error('no');
  };

  test('goes on after a failure, or stops with failFast', async () => {
    const list = [loaded(folder, { story: fail }, 'one'), loaded(folder, { story: pass }, 'two')];
    const statuses = async (failFast: boolean) =>
      (await runScenarios(list, new FakeLab(), { outputDir: folder.path, failFast })).map(
        ({ status }) => status,
      );
    expect(await statuses(false)).toEqual(['failed', 'passed']);
    expect(await statuses(true)).toEqual(['failed']);
  });

  test('says why a scenario is skipped', async () => {
    const lab = new FakeLab();
    lab.has = { netem: true };
    expect(await run(lab, pass, { needs: ['ipip', 'netem'] })).toMatchObject({
      status: 'skipped',
      skipped: 'kernel has no ipip',
    });
    expect(await run(lab, pass, { topology: 'small' })).toMatchObject({
      status: 'skipped',
      skipped: 'written for the topology small, and this lab is iks',
    });
  });

  test('an abort ends the step at once, cleans up, and leaves the rest out', async () => {
    const abort = new AbortController();
    const lab = new FakeLab({ hang: () => new Promise(() => abort.abort(new Error('interrupted'))) });
    const hang = async (s: Parameters<ScenarioSpec['story']>[0]): Promise<void> => {
      await s.nodeStop('off', 'worker2');
      await s.step('x', { on: 'worker1', run: 'hang', see: contains('y') });
    };
    const list = [loaded(folder, { story: hang }, 'one'), loaded(folder, { story: pass }, 'two')];
    const results = await runScenarios(list, lab, { outputDir: folder.path, signal: abort.signal });
    expect(results).toMatchObject([{ status: 'failed', failure: { message: 'interrupted' } }]);
    expect(lab.done).toContain('nodeStart worker2');
  });
});
