import {
  type Engine,
  listLab,
  listLabs,
  removeContainer,
  removeNetwork,
  removeOrphanHelpers,
  removeVolume,
} from '../engine/index.ts';
import type { Steps } from '../output/index.ts';

/**
 * Removes everything that carries the lab's label, and nothing else. Nothing there is no error.
 *
 * @returns how many objects were removed
 */
export async function downLab(engine: Engine, lab: string, steps: Steps): Promise<number> {
  await removeOrphanHelpers(engine);
  let removed = 0;
  // An `up` that was killed a moment ago may have left the engine a request that it finishes after the first look.
  for (let round = 0; round < 5; round++) {
    const count = await removeAll(engine, lab, steps);
    if (count === 0) break;
    removed += count;
  }
  if (removed === 0) steps.say(` lab "${lab}": nothing to remove`);
  return removed;
}

async function removeAll(engine: Engine, lab: string, steps: Steps): Promise<number> {
  const { containers, networks, volumes } = await listLab(engine, lab);
  const count = containers.length + networks.length + volumes.length;
  if (count === 0) return 0;
  // Networks and volumes can go only when no container uses them.
  await steps.run(`remove ${containers.length} containers`, () =>
    Promise.all(containers.map(({ id }) => removeContainer(engine, id))),
  );
  await steps.run(`remove ${networks.length} networks and ${volumes.length} volumes`, () =>
    Promise.all([
      ...networks.map(({ id }) => removeNetwork(engine, id)),
      ...volumes.map(({ dockerName }) => removeVolume(engine, dockerName)),
    ]),
  );
  return count;
}

/** Removes every lab of the engine. */
export async function downAll(engine: Engine, steps: Steps): Promise<number> {
  let count = 0;
  for (const lab of await listLabs(engine)) count += await downLab(engine, lab, steps);
  return count;
}
