import { clientFromFile, DAEMON_SETS, DEPLOYMENTS, informer, PODS } from '../../api/client/index.ts';
import type { ApiObject } from '../../api/objects/index.ts';
import { pendingWorkload, type Workload, type WorkloadKind } from './workloads.ts';

/** A client file that only the control plane has: whoever waits there may see everything. */
const CLIENT = '/etc/kubernetes/controller-manager.json';
const RESOURCES = { DaemonSet: DAEMON_SETS, Deployment: DEPLOYMENTS, Pod: PODS } as const;

/**
 * Waits, on the API's events, until all workloads have been applied and all of their pods are ready.
 *
 * @param timeout seconds
 * @returns what is still missing when the time is over, one sentence each
 */
export async function waitWorkloads(workloads: readonly Workload[], timeout: number): Promise<string[]> {
  const client = clientFromFile(CLIENT);
  const kinds = [...new Set(workloads.map(({ kind }) => kind))];
  const informers = new Map(
    kinds.map((kind: WorkloadKind) => [kind, informer<ApiObject>(client, RESOURCES[kind])]),
  );
  const pending = () =>
    workloads.flatMap(
      (workload) =>
        pendingWorkload(
          workload,
          informers.get(workload.kind)?.get(workload.name, workload.namespace) as Parameters<
            typeof pendingWorkload
          >[1],
        ) ?? [],
    );
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout * 1000);
      const look = () => {
        const synced = [...informers.values()].every(({ isSynced }) => isSynced);
        if (synced && pending().length === 0) resolve();
      };
      for (const each of informers.values()) {
        each.on({ add: look, update: look, delete: look });
        void each.synced.then(look);
      }
      look();
    });
    return pending();
  } finally {
    clearTimeout(timer);
    for (const each of informers.values()) each.stop();
  }
}
