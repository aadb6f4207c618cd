import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Clock } from './clock.ts';
import { type ScenarioSpec, scenario } from './definition.ts';
import type { FakeLab } from './fake-lab.fixture.ts';
import type { LoadedScenario } from './load.ts';
import type { ScenarioResult } from './record.ts';
import { type RunOptions, runScenarios } from './runner.ts';

/** Where a test's scenarios seem to stand, and their evidence goes. */
export interface TestFolder {
  readonly path: string;
}

/** A folder for each test of the file, gone after it. */
export function testFolder(): TestFolder {
  const folder = { path: '' };
  beforeEach(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'hoplab-scenario-'));
  });
  afterEach(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}

export function loaded(
  folder: TestFolder,
  spec: Partial<ScenarioSpec> & Pick<ScenarioSpec, 'story'>,
  name = 'one',
): LoadedScenario {
  const definition = scenario({ title: 'A title', chapter: 'pods', ...spec });
  const { title, chapter, figures, needs, pods } = definition;
  const file = join(folder.path, `${name}.ts`);
  return { id: `pods/${name}`, name, chapter, title, figures, needs, pods, file, definition };
}

/** Runs one story on a lab. */
export async function runStory(
  folder: TestFolder,
  lab: FakeLab,
  story: ScenarioSpec['story'],
  more: Partial<ScenarioSpec & RunOptions> = {},
): Promise<ScenarioResult> {
  const outputDir = join(folder.path, 'out');
  const [result] = await runScenarios([loaded(folder, { story, ...more })], lab, { outputDir, ...more });
  if (!result) throw new Error('no result');
  return result;
}

/** All deadlines pass at once. */
export const hurried: Clock = {
  now: () => 0,
  after(_, fire) {
    const timer = setImmediate(() => setImmediate(fire));
    return () => clearImmediate(timer);
  },
};
