import { type Engine, LABEL, type LabContainer } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import { closest } from '../topology/index.ts';
import { type RunningLab, runningContainer } from './find-lab.ts';
import { readNodeFiles } from './read-status.ts';

/** Where a command runs: in a lab container itself, or in a pod of one of its nodes. */
export interface Target {
  readonly container: LabContainer;
  /** `namespace/name` of the pod, when the target is one. */
  readonly pod?: string;
  /** Container of the pod, when it was named; its first one otherwise. */
  readonly podContainer?: string;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

interface PodPlace extends PodName {
  readonly node: LabContainer;
}

/**
 * Finds a target by what people type: a node or host (`worker1`, `client`, `router`), a pod by name where the
 * name is unique, `namespace/name`, or `namespace/name/container`.
 *
 * @throws HoplabError E_NO_TARGET with what there is, E_NOT_RUNNING
 */
export async function findTarget(engine: Engine, lab: RunningLab, text: string): Promise<Target> {
  if (lab.objects.containers.some(({ name }) => name === text)) {
    return { container: runningContainer(lab, text) };
  }
  const pods = await listPods(engine, lab);
  const [first = '', second, podContainer] = text.split('/');
  const found = pods.filter(({ namespace, name }) =>
    second === undefined ? name === first : namespace === first && name === second,
  );
  const [only, ...others] =
    found.length > 1 ? found.filter(({ namespace }) => namespace === 'default') : found;
  if (only && others.length === 0) {
    const pod = `${only.namespace}/${only.name}`;
    return { container: only.node, pod, ...(podContainer ? { podContainer } : {}) };
  }
  const machines = lab.objects.containers.map(({ name }) => name);
  throw noTarget(lab.name, text, machines, pods, found);
}

/** What is said of a name that nothing or too much has: the nearest there is, and all there is. Pure. */
export function noTarget(
  lab: string,
  text: string,
  machines: readonly string[],
  pods: readonly PodName[],
  found: readonly PodName[],
): HoplabError {
  const full = ({ namespace, name }: PodName): string => `${namespace}/${name}`;
  const several = found.length > 1;
  const all = several ? found.map(full) : [...machines, ...pods.map(full)];
  const short = text.includes('/') ? [] : pods.map(({ name }) => name);
  const near = several ? undefined : closest(text, [...all, ...short]);
  return new HoplabError({
    code: 'E_NO_TARGET',
    message: several
      ? `"${text}" is the name of ${found.length} pods`
      : `lab "${lab}" has no node, host or pod "${text}"`,
    exitCode: EXIT.usage,
    next: `${near === undefined ? 'one of' : `did you mean ${near}? There are`}: ${all.join(', ')}`,
  });
}

async function listPods(engine: Engine, lab: RunningLab): Promise<PodPlace[]> {
  const nodes = lab.objects.containers.filter(
    ({ labels, state }) => labels[LABEL.role] === 'node' && state === 'running',
  );
  const lists = await Promise.all(
    nodes.map(async (node) => {
      const { kubelet } = await readNodeFiles(engine, node.id);
      return (kubelet?.pods ?? []).map(({ namespace, name }) => ({ namespace, name, node }));
    }),
  );
  return lists.flat();
}

/**
 * The command line that runs something in a target: as it is in a node or host, through nodectl in a pod.
 *
 * @param flags `-i`, `-t` for a pod's command; a container's are the engine's business
 */
export function targetArgv(
  target: Target,
  argv: readonly string[],
  options: { readonly container?: string; readonly stdin?: boolean; readonly tty?: boolean } = {},
): string[] {
  if (!target.pod) return [...argv];
  const container = options.container ?? target.podContainer;
  return [
    'nodectl',
    'exec',
    ...(options.stdin ? ['-i'] : []),
    ...(options.tty ? ['-t'] : []),
    target.pod,
    ...(container ? ['-c', container] : []),
    '--',
    ...argv,
  ];
}
