import {
  type ContainerSpec,
  createContainer,
  type Engine,
  ensureNetwork,
  listLab,
  removeContainer,
  removeNetwork,
  startContainer,
} from '../lab/engine/index.ts';
import type { WantedLab } from '../lab/lifecycle/plan.ts';

/** The same containers with nothing in them: same image, same networks, a process that sleeps. */
function bare(spec: ContainerSpec, lab: string): ContainerSpec {
  return {
    lab,
    name: spec.name,
    role: spec.role,
    image: spec.image,
    entrypoint: ['sleep'],
    command: ['infinity'],
    networks: spec.networks.map(({ network, address }) => ({
      network: network.replace(`hoplab-${spec.lab}-`, `hoplab-${lab}-`),
      ...(address ? { address } : {}),
    })),
    stopTimeout: 0,
  };
}

/**
 * Starts as many bare containers of the same images on the same networks, through the same functions and at once.
 *
 * @returns milliseconds until all were started
 */
export async function startBare(engine: Engine, wanted: WantedLab): Promise<number> {
  const lab = `${wanted.lab}-bare`;
  const started = performance.now();
  for (const network of wanted.networks) await ensureNetwork(engine, { ...network, lab });
  await Promise.all(
    wanted.containers.map(async (spec) =>
      startContainer(engine, await createContainer(engine, bare(spec, lab))),
    ),
  );
  const ms = performance.now() - started;
  const { containers, networks } = await listLab(engine, lab);
  await Promise.all(containers.map(({ id }) => removeContainer(engine, id)));
  await Promise.all(networks.map(({ id }) => removeNetwork(engine, id)));
  return ms;
}
