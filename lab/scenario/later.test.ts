import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ScenarioSpec, scenario } from './definition.ts';
import { FakeLab } from './fake-lab.fixture.ts';
import { contains } from './match.ts';
import { runScenarios } from './runner.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hoplab-later-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function run(lab: FakeLab, story: ScenarioSpec['story']) {
  const definition = scenario({ title: 'A title', chapter: 'pods', story });
  const info = { id: 'pods/one', name: 'one', file: join(dir, 'one.ts'), definition };
  const [result] = await runScenarios([{ ...definition, ...info }], lab, { outputDir: join(dir, 'out') });
  if (!result) throw new Error('no result');
  return result;
}

test('what is to be put right is, in reverse order and after a failure, too', async () => {
  const lab = new FakeLab();
  const result = await run(lab, async (s) => {
    s.later('the first', { on: 'router', run: 'ip route del a' });
    s.later('the second', { on: 'router', run: 'ip route del b' });
    await s.step('it fails', { on: 'router', run: 'ip route', see: contains('c') });
  });
  expect(result).toMatchObject({ status: 'failed', failure: { code: 'E_STEP' } });
  expect(lab.done.slice(-2)).toEqual(['exec router: ip route del b', 'exec router: ip route del a']);
});

test('a scenario fails when it could not be put right', async () => {
  const lab = new FakeLab({ 'ip route del a': { code: 2, stderr: 'No such process' } });
  const result = await run(lab, async (s) => {
    s.later('the route goes', { on: 'router', run: 'ip route del a' });
    await s.act('something', { on: 'router', run: 'true' });
  });
  expect(result).toMatchObject({ status: 'failed' });
  expect(result.failure?.message).toContain('the route goes: exit code 2: No such process');
});
