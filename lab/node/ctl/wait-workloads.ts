import {
  type ApiClient,
  clientFromFile,
  DAEMON_SETS,
  DEPLOYMENTS,
  type Informer,
  informer,
  NODES,
  PODS,
} from '../../api/client/index.ts';
import type { ApiObject, Node } from '../../api/objects/index.ts';
import { pendingNode, pendingWorkload, type Workload } from './workloads.ts';

/** A client file that only the control plane has: whoever waits there may see everything. */
const CLIENT = '/etc/kubernetes/controller-manager.json';
/** What the addon manager applies carries it, and so do the pods among it: those that controllers make need not be followed. */
const labelSelector = 'addonmanager.kubernetes.io/mode=Reconcile';
const RESOURCES = { DaemonSet: DAEMON_SETS, Deployment: DEPLOYMENTS, Pod: PODS } as const;

/** What has to be there, and the caches that tell. */
interface Awaited {
  readonly caches: readonly Informer<ApiObject>[];
  /** What is missing, one sentence each. */
  readonly pending: () => string[];
}

function awaitWorkloads(client: ApiClient, workloads: readonly Workload[]): Awaited {
  const kinds = [...new Set(workloads.map(({ kind }) => kind))];
  const caches = new Map(
    kinds.map((kind) => [kind, informer<ApiObject>(client, RESOURCES[kind], { labelSelector })]),
  );
  const find = ({ kind, name, namespace }: Workload) =>
    caches.get(kind)?.get(name, namespace) as Parameters<typeof pendingWorkload>[1];
  return {
    caches: [...caches.values()],
    pending: () => workloads.flatMap((workload) => pendingWorkload(workload, find(workload)) ?? []),
  };
}

function awaitNodes(client: ApiClient, names: readonly string[]): Awaited {
  if (names.length === 0) return { caches: [], pending: () => [] };
  const nodes = informer<Node>(client, NODES);
  return {
    caches: [nodes as Informer<ApiObject>],
    pending: () => names.flatMap((name) => pendingNode(name, nodes.get(name)) ?? []),
  };
}

/**
 * Waits, on the API's events, until all workloads have been applied and all of their pods are ready.
 *
 * @param nodes names of nodes that have to be up as well: {@link pendingNode}
 * @param timeout seconds
 * @returns what is still missing when the time is over, one sentence each
 */
export async function waitWorkloads(
  workloads: readonly Workload[],
  nodes: readonly string[],
  timeout: number,
): Promise<string[]> {
  const client = clientFromFile(CLIENT);
  const parts = [awaitNodes(client, nodes), awaitWorkloads(client, workloads)];
  const caches = parts.flatMap((part) => part.caches);
  const pending = () => parts.flatMap((part) => part.pending());
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout * 1000);
      const look = () => {
        if (caches.every(({ isSynced }) => isSynced) && pending().length === 0) resolve();
      };
      for (const each of caches) {
        each.on({ add: look, update: look, delete: look });
        void each.synced.then(look);
      }
      look();
    });
    return pending();
  } finally {
    clearTimeout(timer);
    for (const each of caches) each.stop();
  }
}
