import type { Engine } from './connect.ts';
import { removeContainer } from './containers.ts';
import { asking } from './errors.ts';
import { LABEL, labelFilter } from './labels.ts';

/** A helper lives for one operation of some seconds; one that is this old (seconds) has lost its process. */
const ORPHAN_AGE = 120;

/** Removes containers that helped an operation which was killed. They would hold the image store for ever. */
export async function removeOrphanHelpers(engine: Engine): Promise<void> {
  const filters = labelFilter(LABEL.helper);
  const command = ['docker', 'ps', '-a', '--filter', `label=${LABEL.helper}`];
  const helpers = await asking('helper containers cannot be listed', command, () =>
    engine.docker.listContainers({ all: true, filters }),
  );
  const before = Date.now() / 1000 - ORPHAN_AGE;
  await Promise.all(
    helpers.filter(({ Created }) => Created < before).map(({ Id }) => removeContainer(engine, Id)),
  );
}
