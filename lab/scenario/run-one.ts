import { dirname, resolve } from 'node:path';
import type { LabAccess, PodManifest } from './access.ts';
import { type Clock, within } from './clock.ts';
import { clearEvidence, collectEvidence, evidenceDir, writeEvidence } from './evidence.ts';
import type { LoadedScenario } from './load.ts';
import { readPods } from './manifests.ts';
import { createManifests, type Manifests } from './objects.ts';
import { topologyPods } from './placed-pods.ts';
import { type ScenarioFailure, type ScenarioResult, StepFailure } from './record.ts';
import { keepScreenshots } from './screenshots.ts';
import { Stage, type StageEvents } from './stage.ts';
import { createStory, type Leftovers } from './story.ts';
import { transcript } from './transcript.ts';

const READY_MS = 60_000;
const CLEANUP_MS = 90_000;

export interface RunOneOptions {
  readonly clock: Clock;
  readonly events: StageEvents;
  readonly outputDir: string;
  readonly pause?: ConstructorParameters<typeof Stage>[0]['pause'];
  readonly signal?: AbortSignal | undefined;
}

/** Tells one scenario: its pods, its story, the evidence when it fails, and everything back as it was. */
export async function runOne(
  one: LoadedScenario,
  access: LabAccess,
  options: RunOneOptions,
): Promise<ScenarioResult> {
  const { clock, events, pause, signal } = options;
  const began = clock.now();
  const dir = evidenceDir(options.outputDir, access.lab, one.id);
  await clearEvidence(dir);
  const stage = new Stage({ access, clock, events, pause, signal });
  const left: Leftovers = { backgrounds: [], stopped: new Set(), later: [] };
  const pods: PodManifest[] = [];
  const failures: unknown[] = [];
  const manifests = createManifests(access, one);
  const { browser } = one.definition;
  try {
    if (browser !== undefined) await access.startBrowser(browser);
    for (const file of one.definition.manifests) await manifests.apply(file);
    pods.push(...(await podsOf(one, access)));
    if (pods.length > 0) {
      await access.applyPods(pods);
      await access.waitReady(pods, READY_MS);
    }
    await one.definition.story(createStory(stage, left, pods, manifests));
    if (stage.failure !== undefined) throw stage.failure;
    await stage.close();
  } catch (error) {
    // The first failure of a step counts, whatever the story made of it.
    failures.push(stage.failure ?? error);
    const files = signal?.aborted ? [] : await collectEvidence(access, clock);
    const backgrounds = left.backgrounds.map(({ background, name }, index) => ({
      name: `background-${index + 1}.txt`,
      text: `# ${name}\n${background.text}`,
    }));
    const story = [{ name: 'story.txt', text: transcript(one, stage.story, failureOf(failures[0])) }];
    await writeEvidence(dir, [...files, ...backgrounds, ...story]);
  }
  let screenshots: string[] = [];
  if (browser !== undefined) {
    try {
      screenshots = await within(clock, CLEANUP_MS, 'the browser ended', keepScreenshots(access, dir));
    } catch (error) {
      failures.push(error);
    }
  }
  failures.push(...(await cleanUp(access, clock, left, pods, manifests)));
  const { definition: _, ...info } = one;
  const durationMs = Math.round(clock.now() - began);
  const told = { ...info, story: stage.story, durationMs, ...(screenshots.length > 0 && { screenshots }) };
  if (failures.length === 0) return { ...told, status: 'passed' };
  await writeEvidence(dir, [{ name: 'error.txt', text: `${failures.map(messageOf).join('\n')}\n` }]);
  const failure = { ...failureOf(failures[0]), evidence: resolve(dir) };
  const more = failures.slice(1).map((error) => `clean-up: ${messageOf(error)}`);
  const detail = [failure.detail, ...more].filter(Boolean).join('\n');
  return { ...told, status: 'failed', failure: { ...failure, detail } };
}

async function podsOf(one: LoadedScenario, access: LabAccess): Promise<PodManifest[]> {
  const nodes = access.topology.nodes.map(({ name }) => name);
  const all: PodManifest[] = [];
  for (const entry of one.pods) {
    const { file, on } = typeof entry === 'string' ? { file: entry, on: undefined } : entry;
    all.push(...(await readPods(resolve(dirname(one.file), file), nodes, on)));
  }
  return all;
}

/** Undoes all that it can, in reverse order, and returns what could not be undone. */
async function cleanUp(
  access: LabAccess,
  clock: Clock,
  left: Leftovers,
  pods: readonly PodManifest[],
  manifests: Manifests,
): Promise<unknown[]> {
  const problems: unknown[] = [];
  const undo = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await within(clock, CLEANUP_MS, what, work());
    } catch (error) {
      problems.push(error);
    }
  };
  for (const { background, name } of left.backgrounds.toReversed()) {
    await undo(`${name} ended`, () => background.stop());
  }
  for (const node of left.stopped) {
    await undo(`${node} was started again`, () => access.nodeStart(node));
  }
  if (left.stopped.size > 0) {
    await undo('the pods were back', async () => access.waitReady(await topologyPods(access), READY_MS));
  }
  for (const { sentence, work } of left.later.toReversed()) await undo(sentence, work);
  if (pods.length > 0) await undo('the pods were taken away', () => access.deletePods(pods));
  for (const file of manifests.applied().toReversed()) {
    await undo(`${file} was deleted`, () => manifests.remove(file));
  }
  return problems;
}

function failureOf(error: unknown): ScenarioFailure {
  if (error instanceof StepFailure) return { code: error.code, message: error.message, detail: error.detail };
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'E_SCENARIO';
  const detail = error instanceof Error && !('code' in error) ? error.stack : undefined;
  return { code, message: messageOf(error), detail };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
