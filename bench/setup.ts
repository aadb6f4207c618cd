import { fileURLToPath } from 'node:url';
import { type BuiltImage, connectEngine, type Engine, ensureImages } from '../lab/engine/index.ts';
import { Steps } from '../lab/output/index.ts';
import { loadTopology, type Topology } from '../lab/topology/index.ts';

/** Everything is measured beside a baseline in the same run and given as a ratio: the machines are shared and noisy. */
export const ROUNDS = 5;

const IMAGES = ['node', 'nginx', 'debian', 'toolbox'] as const;

/** What the parts that bring the lab of bench.yaml up have in common. */
export interface Setup {
  readonly engine: Engine;
  readonly topology: Topology;
  readonly images: Readonly<Record<(typeof IMAGES)[number], BuiltImage>>;
  readonly steps: Steps;
  /** For what a step does inside itself. */
  readonly quiet: Steps;
}

/** @throws HoplabError when there is no engine or an image cannot be built */
export async function setUp(steps: Steps): Promise<Setup> {
  const engine = await connectEngine((line) => steps.say(line));
  const topology = await loadTopology(fileURLToPath(new URL('bench.yaml', import.meta.url)));
  const images = await steps.run('images', () => ensureImages(engine, [...IMAGES]));
  return { engine, topology, images, steps, quiet: new Steps({ stream: process.stderr, quiet: true }) };
}

/** Both in turn, several times; the best of each is the run that was disturbed least. */
export async function bestInTurn(
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<[number, number]> {
  const best: [number, number] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    best[0] = Math.max(best[0], await ours());
    best[1] = Math.max(best[1], await baseline());
  }
  return best;
}
