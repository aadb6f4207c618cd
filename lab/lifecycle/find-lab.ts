import {
  type Engine,
  getFiles,
  LABEL,
  type LabContainer,
  type LabObjects,
  listLab,
  listLabs,
} from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Topology } from '../topology/index.ts';

/** File of the router with the topology the lab was last made from, as JSON; it changes without a restart. */
export const TOPOLOGY_PATH = '/etc/hoplab/topology.json';

/** A lab that exists, with the topology it was made from. */
export interface RunningLab {
  readonly name: string;
  readonly objects: LabObjects;
  readonly topology: Topology;
}

/**
 * The lab a verb works on: the one named, or the only one there is.
 *
 * @throws HoplabError E_NO_LAB when there is none of that name, E_WHICH_LAB when there are several
 */
export async function findLab(engine: Engine, name: string | undefined): Promise<RunningLab> {
  const chosen = name ?? (await onlyLab(engine));
  const objects = await listLab(engine, chosen);
  const router = objects.containers.find(({ role }) => role === 'router');
  const files = router ? await getFiles(engine, router.id, TOPOLOGY_PATH) : undefined;
  const text = files?.get(TOPOLOGY_PATH)?.toString('utf8');
  if (text === undefined) {
    throw new HoplabError({
      code: 'E_NO_LAB',
      message: `there is no lab "${chosen}"`,
      exitCode: EXIT.environment,
      next: 'npm run lab up',
    });
  }
  return { name: chosen, objects, topology: JSON.parse(text) as Topology };
}

export async function onlyLab(engine: Engine): Promise<string> {
  const labs = await listLabs(engine);
  if (labs.length > 1) {
    throw new HoplabError({
      code: 'E_WHICH_LAB',
      message: `there are ${labs.length} labs: ${labs.join(', ')}`,
      exitCode: EXIT.usage,
      next: `name one before the verb: npm run lab -- -n ${labs[0]} VERB`,
    });
  }
  return labs[0] ?? 'iks';
}

/** @throws HoplabError when the lab has no container of that name, or it does not run */
export function runningContainer(lab: RunningLab, name: string): LabContainer {
  const container = lab.objects.containers.find((candidate) => candidate.name === name);
  if (!container) {
    throw new HoplabError({
      code: 'E_NO_TARGET',
      message: `lab "${lab.name}" has no node or host "${name}"`,
      exitCode: EXIT.usage,
      next: `one of: ${lab.objects.containers.map((candidate) => candidate.name).join(', ')}`,
    });
  }
  if (container.state !== 'running') {
    const isNode = container.labels[LABEL.role] === 'node';
    throw new HoplabError({
      code: 'E_NOT_RUNNING',
      message: `${name} is ${container.state}`,
      exitCode: EXIT.environment,
      next: isNode ? `npm run lab node start ${name}` : 'npm run lab up',
    });
  }
  return container;
}
