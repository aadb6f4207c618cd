import { crunDelete, crunList } from '../runtime/index.ts';
import type { NodeContext } from './context.ts';
import { findExitCodes, loadPods, netnsAlive, reconcile } from './pod-state.ts';
import type { PodRecord } from './pod-status.ts';

/** Finds out what earlier kubelets left and what of it still runs; removes what belongs to no pod. */
export async function adoptable(context: NodeContext): Promise<PodRecord[]> {
  const [records, containers] = await Promise.all([loadPods(context.paths), crunList()]);
  const running = new Map(
    containers.filter(({ status }) => status !== 'stopped').map((entry) => [entry.id, entry]),
  );
  const now = new Date().toISOString();
  const adopted: PodRecord[] = [];
  for (const record of records) {
    const codes = await findExitCodes(context.paths, record);
    const exitCode = (container: { id: string }) => codes.get(container.id);
    adopted.push(reconcile(record, { running, netnsAlive, exitCode, now }));
  }
  const sandboxes = new Set(records.flatMap(({ sandbox }) => (sandbox === undefined ? [] : [sandbox.id])));
  const known = new Set([
    ...sandboxes,
    ...records.flatMap((record) => record.containers.map(({ id }) => id)),
  ]);
  await Promise.all(containers.filter(({ id }) => !known.has(id)).map(({ id }) => crunDelete(id)));
  await context.network.collect(sandboxes);
  return adopted;
}
