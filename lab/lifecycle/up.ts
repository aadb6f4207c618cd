import {
  addressClashes,
  type BuiltImage,
  capture,
  type Engine,
  ensureImages,
  ensureImageVolume,
  ensureInStore,
  imageTags,
  listLab,
  objectName,
} from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Steps } from '../output/index.ts';
import type { Topology } from '../topology/index.ts';
import { applyPlan, type Made, readManifests, unmake } from './apply.ts';
import { dumpLab } from './dump.ts';
import { readNodeManifests } from './manifests.ts';
import { type Plan, planLab, type WantedLab } from './plan.ts';
import { POD_IMAGES, wantedLab } from './wanted.ts';

export interface UpOptions {
  readonly topology: Topology;
  readonly dryRun: boolean;
  /** Keep what was made when a step fails. */
  readonly retain: boolean;
  /** Milliseconds until the lab must be ready. */
  readonly timeoutMs: number;
  readonly steps: Steps;
}

const LAB_IMAGES = ['node', ...POD_IMAGES] as const;

/**
 * Brings a lab to what its topology says: images, networks, containers, and then waits until every BGP session is
 * Established and every pod runs. What is right already is left alone.
 *
 * @returns what was to be done
 * @throws HoplabError; what this call made is removed again unless `retain`, and the evidence is kept
 */
export async function upLab(engine: Engine, options: UpOptions): Promise<Plan> {
  const { topology, steps } = options;
  await refuseClashes(engine, topology);
  const images = options.dryRun ? await tagsOnly() : await buildImages(engine, steps);
  const wanted = wantedLab(topology, images, await readNodeManifests(topology));
  const actual = await listLab(engine, topology.name);
  const plan = planLab(wanted, actual, await readManifests(engine, wanted, actual));
  if (options.dryRun) return plan;
  const made: Made = { containers: [], networks: [], volumes: [] };
  // Before any container mounts it: Docker would make it without its label.
  await ensureImageVolume(engine);
  try {
    await Promise.all([
      applyPlan(engine, wanted, actual, plan, steps, made),
      ensureInStore(
        engine,
        POD_IMAGES.map((name) => ({ ref: name, image: images[name].tag })),
      ),
    ]);
  } catch (error) {
    throw await withEvidence(engine, topology.name, error, async () => {
      if (options.retain) return 'what was made is kept (--retain): npm run lab down removes it';
      await unmake(engine, made);
      return 'what this run had made is removed again; --retain keeps it';
    });
  }
  await waitReady(engine, wanted, options);
  return plan;
}

async function refuseClashes(engine: Engine, topology: Topology): Promise<void> {
  const subnets = Object.values(topology.networks).map(({ subnet }) => subnet);
  const clashes = await addressClashes(engine, topology.name, subnets);
  if (clashes.length === 0) return;
  const labs = [...new Set(clashes.flatMap(({ lab }) => lab ?? []))];
  throw new HoplabError({
    code: 'E_ADDRESS_CLASH',
    message: `addresses of lab "${topology.name}" are in use by other Docker networks`,
    exitCode: EXIT.environment,
    detail: clashes
      .map((clash) => `${clash.subnet} overlaps ${clash.with} of network ${clash.network}`)
      .join('\n'),
    next:
      labs.length > 0
        ? `npm run lab down -- -n ${labs[0]}, or use a topology with other subnets`
        : `docker network rm ${clashes[0]?.network}, or use a topology with other subnets`,
  });
}

async function buildImages(
  engine: Engine,
  steps: Steps,
): Promise<Record<(typeof LAB_IMAGES)[number], BuiltImage>> {
  let building = false;
  const notes = new Map<string, string>();
  const build = (note: (text: string) => void) =>
    ensureImages(engine, LAB_IMAGES, ({ image, text, state }) => {
      building = true;
      if (state === 'done') notes.delete(image);
      else notes.set(image, text);
      note(
        state === 'done'
          ? `${image} ${text}`
          : [...notes].map(([name, what]) => `${name}: ${what}`).join(' | '),
      );
    });
  const images = await steps.run('images', (step) => build((text) => step.note(text)));
  if (building) steps.say('   images are kept for the next time; `lab down --images` removes them');
  return images;
}

/** The tags images would have, for a dry run. */
async function tagsOnly(): Promise<Record<(typeof LAB_IMAGES)[number], BuiltImage>> {
  const tags = await imageTags(LAB_IMAGES);
  return Object.fromEntries([...tags].map(([name, tag]) => [name, { tag, id: '' }])) as Awaited<
    ReturnType<typeof buildImages>
  >;
}

async function waitReady(engine: Engine, wanted: WantedLab, options: UpOptions): Promise<void> {
  const { steps, topology } = options;
  const seconds = Math.ceil(options.timeoutMs / 1000);
  try {
    await steps.run('BGP sessions Established, pods Running', () =>
      Promise.all(
        topology.nodes.map(({ name }) => waitNode(engine, objectName(wanted.lab, name), name, seconds)),
      ),
    );
  } catch (error) {
    throw await withEvidence(
      engine,
      topology.name,
      error,
      async () => 'the lab is left as it is, to be looked into: npm run lab status, npm run lab logs worker1',
    );
  }
}

/** Waits inside the node, on its programs' own events. */
export async function waitNode(
  engine: Engine,
  container: string,
  name: string,
  seconds: number,
): Promise<void> {
  const { code, stderr } = await capture(engine, container, [
    'nodectl',
    'wait',
    'ready',
    '--timeout',
    String(seconds),
  ]);
  if (code === 0) return;
  throw new HoplabError({
    code: code === EXIT.timeout ? 'E_NOT_READY' : 'E_NODE',
    message: code === EXIT.timeout ? `${name} is not ready after ${seconds} s` : `${name} cannot be asked`,
    exitCode: code === EXIT.timeout ? EXIT.timeout : EXIT.failed,
    detail: stderr.trim(),
    next: `npm run lab logs ${name}`,
  });
}

/** Keeps the lab's state on disk, then does what follows a failure, and adds both to the error. */
async function withEvidence(
  engine: Engine,
  lab: string,
  error: unknown,
  afterwards: () => Promise<string>,
): Promise<unknown> {
  const folder = await dumpLab(engine, lab).catch(() => undefined);
  const told = await afterwards();
  if (!(error instanceof HoplabError)) return error;
  const where = folder ? `state of all nodes: ${folder}` : 'the state of the nodes could not be read';
  return new HoplabError({
    code: error.code,
    message: error.message,
    exitCode: error.exitCode,
    detail: [error.detail, where, told].filter(Boolean).join('\n'),
    ...(error.next ? { next: error.next } : {}),
    cause: error.cause,
  });
}
