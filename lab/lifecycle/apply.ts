import {
  capture,
  createContainer,
  type Engine,
  ensureNetwork,
  ensureVolume,
  type FileSpec,
  getFiles,
  type LabObjects,
  objectName,
  putFiles,
  removeContainer,
  removeNetwork,
  removeVolume,
  startContainer,
  waitUntilReady,
  writeFile,
} from '../engine/index.ts';
import type { Steps } from '../output/index.ts';
import { TOPOLOGY_PATH } from './find-lab.ts';
import { MANIFEST_DIRS, type ManifestChanges } from './manifests.ts';
import { nodePkiFiles } from './pki/cluster-pki.ts';
import type { ContainerStep, Plan, WantedLab } from './plan.ts';
import { startTurns } from './start-turns.ts';

/** What an apply has made so far, so that a failure can take it away again. */
export interface Made {
  readonly containers: string[];
  readonly networks: string[];
  readonly volumes: string[];
}

/** Content by path of the manifests each existing node has. */
export async function readManifests(
  engine: Engine,
  actual: LabObjects,
): Promise<Map<string, Map<string, string>>> {
  const present = new Map<string, Map<string, string>>();
  await Promise.all(
    actual.containers
      .filter(({ role }) => role === 'node')
      .map(async ({ name, id }) => {
        const folders = await Promise.all(MANIFEST_DIRS.map((folder) => getFiles(engine, id, folder)));
        const files = folders.flatMap((folder) => [...(folder ?? [])]);
        present.set(name, new Map(files.map(([path, content]) => [path, content.toString('utf8')])));
      }),
  );
  return present;
}

/**
 * Carries a plan out: what must go first, then networks and volumes, then all containers at once.
 *
 * @param made receives the names of what was created
 */
export async function applyPlan(
  engine: Engine,
  wanted: WantedLab,
  actual: LabObjects,
  plan: Plan,
  steps: Steps,
  made: Made,
): Promise<void> {
  await removeOld(engine, wanted, actual, plan, steps);
  const networks = plan.networks.filter(({ action }) => action === 'create' || action === 'recreate');
  if (networks.length > 0) {
    await steps.run(`networks ${networks.map(({ name }) => name).join(', ')}`, () =>
      // One after the other: the engine serialises them and a clash is then reported for the right one.
      sequentially(networks, async ({ name }) => {
        const spec = wanted.networks.find((candidate) => candidate.name === name);
        if (!spec) return;
        const { created, dockerName } = await ensureNetwork(engine, spec);
        if (created) made.networks.push(dockerName);
      }),
    );
  }
  const known = new Set(actual.volumes.map(({ name }) => name));
  await allSettled(
    wanted.volumes
      .filter((name) => !known.has(name))
      .map(async (name) => made.volumes.push(await ensureVolume(engine, wanted.lab, name))),
  );
  const due = plan.containers.filter(({ action }) => ['create', 'recreate', 'start'].includes(action));
  const turns = startTurns(due, (name) => wanted.topology.nodes.some((node) => node.name === name));
  await allSettled(
    turns.map(({ step, turn, started }) =>
      steps.run(titleOf(step), () =>
        bringUp(engine, wanted, plan, step, made, turn, started).finally(started),
      ),
    ),
  );
  await renewHosts(engine, wanted, plan);
  const router = wanted.topology.router.name;
  if (plan.containers.some(({ name, action }) => name === router && ['keep', 'start'].includes(action))) {
    await putFiles(engine, objectName(wanted.lab, router), [topologyFile(wanted)]);
  }
  await allSettled(
    [...plan.manifests]
      .filter(([node]) => plan.containers.some(({ name, action }) => name === node && action === 'keep'))
      .map(([node, changes]) =>
        steps.run(`manifests of ${node}`, () =>
          changeManifests(engine, objectName(wanted.lab, node), changes),
        ),
      ),
  );
}

const titleOf = ({ name, action, why }: ContainerStep) =>
  action === 'create' ? name : `${action} ${name} (${why})`;

/** Lines that lab-init adds to /etc/hosts at each start. */
const HOSTS_PATH = '/etc/hoplab/hosts';

/** Tells the containers that go on running who came and went. */
async function renewHosts(engine: Engine, wanted: WantedLab, plan: Plan): Promise<void> {
  if (!plan.changed) return;
  const kept = plan.containers.filter(({ action }) => action === 'keep');
  const script = `cat >${HOSTS_PATH}; { echo '127.0.0.1 localhost'; cat ${HOSTS_PATH}; } >/etc/hosts`;
  await allSettled(
    kept.map(({ name }) =>
      capture(engine, objectName(wanted.lab, name), ['/bin/sh', '-c', script], { stdin: wanted.hosts }),
    ),
  );
}

/** lab-init needs some tens of milliseconds; this is when something is wrong. */
const INIT_TIMEOUT = 30_000;

async function bringUp(
  engine: Engine,
  wanted: WantedLab,
  plan: Plan,
  step: ContainerStep,
  made: Made,
  turn: Promise<void>,
  started: () => void,
) {
  const spec = wanted.containers.find(({ name }) => name === step.name);
  if (!spec) return;
  const dockerName = objectName(wanted.lab, step.name);
  if (step.action === 'start') {
    const changes = plan.manifests.get(step.name);
    if (changes) await putManifests(engine, dockerName, changes);
  } else {
    // Only what this has made may be taken away again: the name may be somebody else's.
    made.containers.push(await createContainer(engine, spec, await filesOf(wanted, step.name)));
  }
  await turn;
  await startContainer(engine, dockerName);
  started();
  await waitUntilReady(engine, dockerName, INIT_TIMEOUT);
}

/** What a new container gets besides its specification's files: it may change without the container being made again. */
async function filesOf(wanted: WantedLab, name: string): Promise<FileSpec[]> {
  const node = wanted.topology.nodes.find((candidate) => candidate.name === name);
  return [
    { path: HOSTS_PATH, content: wanted.hosts },
    ...(name === wanted.topology.router.name ? [topologyFile(wanted)] : []),
    ...(node ? await nodePkiFiles(wanted.topology, wanted.pki, node) : []),
    ...(wanted.manifests.get(name) ?? []),
  ];
}

/** Kept beside the lab, so that other verbs know what it was made from. */
const topologyFile = ({ topology }: WantedLab): FileSpec => ({
  path: TOPOLOGY_PATH,
  content: JSON.stringify(topology),
});

/** Into a container that does not run: nobody watches, so the files can be put as they are. */
async function putManifests(engine: Engine, container: string, { write, remove }: ManifestChanges) {
  const files = write.map(({ path, content }) => ({ path, content }));
  // A file cannot be deleted from a stopped container; an empty one holds no pod.
  const emptied = remove.map((path) => ({ path, content: '' }));
  await putFiles(engine, container, [...files, ...emptied]);
}

/** Changes the manifests of a running node: the kubelet sees whole files only. */
export async function changeManifests(
  engine: Engine,
  container: string,
  { write, remove }: ManifestChanges,
): Promise<void> {
  await Promise.all(write.map(({ path, content }) => writeFile(engine, container, path, content)));
  if (remove.length > 0) {
    await capture(engine, container, ['rm', '-f', ...remove]);
  }
}

async function removeOld(engine: Engine, wanted: WantedLab, actual: LabObjects, plan: Plan, steps: Steps) {
  const gone = (name: string) =>
    plan.containers.some((step) => step.name === name && ['recreate', 'remove'].includes(step.action));
  const containers = actual.containers.filter(({ name }) => gone(name));
  if (containers.length > 0) {
    await steps.run(`remove ${containers.map(({ name }) => name).join(', ')}`, () =>
      Promise.all(containers.map(({ id }) => removeContainer(engine, id))),
    );
  }
  // What an interrupted operation left behind (helpers) is not in the plan, but may still hold a network.
  const networks = plan.networks.filter(({ action }) => action === 'recreate' || action === 'remove');
  await sequentially(networks, ({ name }) => removeNetwork(engine, objectName(wanted.lab, name)));
  await Promise.all(plan.removeVolumes.map((name) => removeVolume(engine, objectName(wanted.lab, name))));
}

/**
 * Waits for all, whatever becomes of each, and then throws the first error: whoever cleans up afterwards must know that
 * nothing is being made any more.
 */
export async function allSettled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function sequentially<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await work(item);
}

/**
 * Takes away what an `up` has made before it failed.
 *
 * @returns what could not be removed
 */
export async function unmake(engine: Engine, made: Made): Promise<string[]> {
  const left: string[] = [];
  const removeAll = async (
    names: readonly string[],
    remove: (engine: Engine, name: string) => Promise<void>,
  ) => {
    const results = await Promise.allSettled(names.map((name) => remove(engine, name)));
    left.push(...names.filter((_, i) => results[i]?.status === 'rejected'));
  };
  // Networks and volumes can go only when no container uses them.
  await removeAll(made.containers, removeContainer);
  await removeAll(made.networks, removeNetwork);
  await removeAll(made.volumes, removeVolume);
  return left;
}
