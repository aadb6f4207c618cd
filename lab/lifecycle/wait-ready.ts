import { capture, type Engine, objectName } from '../engine/index.ts';
import { EXIT, HoplabError } from '../errors/index.ts';
import type { Steps } from '../output/index.ts';
import { allSettled } from './apply.ts';
import { withEvidence } from './evidence.ts';
import { workloadsOf } from './manifests.ts';
import type { WantedLab } from './plan.ts';

/**
 * Waits for all nodes and workloads. A new cluster's API tells everything, so that one process is enough; one that was there
 * before may still show what was, and each node is asked itself.
 */
export async function waitReady(
  engine: Engine,
  wanted: WantedLab,
  isNew: boolean,
  { steps, timeoutMs }: { readonly steps: Steps; readonly timeoutMs: number },
): Promise<void> {
  const { topology } = wanted;
  const seconds = Math.ceil(timeoutMs / 1000);
  const control = topology.nodes.find(({ role }) => role === 'control-plane')?.name ?? '';
  const workloads = workloadsOf(topology, wanted.manifests.get(control) ?? []);
  const registered = topology.nodes.map(({ nodeName }) => `Node/${nodeName}`);
  // One node that will not come ends the wait for the others.
  const failed = new AbortController();
  const wait = (node: string, what: readonly string[]) =>
    waitNode(engine, objectName(wanted.lab, node), node, seconds, failed.signal, what).catch((error) => {
      failed.abort();
      throw error;
    });
  try {
    await steps.run('nodes Ready, BGP sessions Established, pods Running', async () => {
      if (isNew) await wait(control, ['workloads', ...registered, ...workloads]);
      else
        await allSettled([
          wait(control, ['workloads', ...workloads]),
          ...topology.nodes.map(({ name }) => wait(name, ['ready'])),
        ]);
    });
  } catch (error) {
    const told = isNew ? await withNodes(engine, wanted, error) : error;
    throw await withEvidence(
      engine,
      topology.name,
      told,
      async () => 'the lab is left as it is, to be looked into: npm run lab status, npm run lab logs worker1',
    );
  }
}

/** Adds what each node says itself that it waits for: the API knows nothing of one that has not got as far as it. */
async function withNodes(engine: Engine, { lab, topology }: WantedLab, error: unknown): Promise<unknown> {
  if (!(error instanceof HoplabError)) return error;
  const told = await Promise.all(
    topology.nodes.map(({ name }) =>
      waitNode(engine, objectName(lab, name), name, 0).then(
        () => [],
        (problem: unknown) => (problem instanceof HoplabError ? [`${name}: ${problem.detail}`] : []),
      ),
    ),
  );
  return error.withDetail(...told.flat());
}

/**
 * Waits inside the node, on its programs' own events.
 *
 * @param signal ends the wait
 * @param what arguments of `nodectl wait`: the node and its pods, unless told otherwise
 * @throws HoplabError E_NOT_READY with what the node still waits for
 */
export async function waitNode(
  engine: Engine,
  container: string,
  name: string,
  seconds: number,
  signal?: AbortSignal,
  what: readonly string[] = ['ready'],
): Promise<void> {
  const { code, stderr } = await capture(
    engine,
    container,
    ['nodectl', 'wait', ...what, '--timeout', String(seconds)],
    signal ? { signal } : {},
  );
  if (code === 0) return;
  throw new HoplabError({
    code: code === EXIT.timeout ? 'E_NOT_READY' : 'E_NODE',
    message: code === EXIT.timeout ? `${name} is not ready after ${seconds} s` : `${name} cannot be asked`,
    exitCode: code === EXIT.timeout ? EXIT.timeout : EXIT.failed,
    detail: stderr.trim(),
    next: `npm run lab logs ${name}`,
  });
}
