import {
  isConflict,
  isNotFound,
  type KnownResource,
  keyOf,
  NAMESPACES,
  PODS,
} from '../../../api/client/index.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type { ApiObject, Namespace } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { NAMESPACED } from '../resources.ts';
import { servedResources } from '../served.ts';
import { deletionConditions, type Remaining } from './conditions.ts';

const FINALIZER = 'kubernetes';
/** What is still there is looked at again after this, unless a pod's end brings the next look earlier. */
const RECHECK_MS = 1000;

/** Empties namespaces that are being deleted, then lets them go. pkg/controller/namespace. */
export function namespaceController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const namespaces = informers.of<Namespace>(NAMESPACES);
  const queue = new ControllerQueue('namespace', context, sync);
  let served: Promise<KnownResource[]> | undefined;

  namespaces.on({ add, update: add });
  // Pods take longest to go: the last one's end is the moment to finish.
  informers.of<ApiObject>(PODS).on({
    delete({ metadata }) {
      const namespace = namespaces.get(metadata.namespace ?? '');
      if (namespace) add(namespace);
    },
  });

  function add(namespace: Namespace): void {
    if (namespace.metadata.deletionTimestamp) queue.add(keyOf(namespace));
  }

  async function sync(key: string): Promise<void> {
    const namespace = namespaces.getByKey(key);
    if (!namespace?.metadata.deletionTimestamp) return;
    if (!namespace.spec?.finalizers?.includes(FINALIZER)) return;
    served ??= servedResources(client, NAMESPACED);
    const resources = await served.catch((error: unknown) => {
      served = undefined;
      throw error;
    });
    const remaining = await deleteContent(key, resources);
    const current = await writeStatus(namespace, remaining);
    if (remaining.objects.size > 0 || remaining.failures.length > 0) queue.addAfter(key, RECHECK_MS);
    else await finalize(current);
  }

  async function deleteContent(namespace: string, resources: readonly KnownResource[]): Promise<Remaining> {
    const objects = new Map<string, number>();
    const finalizers = new Map<string, number>();
    const failures: string[] = [];
    for (const resource of resources) {
      const name = `${resource.plural}.${resource.group}`;
      try {
        for (const { metadata } of await deleteAll(namespace, resource)) {
          objects.set(name, (objects.get(name) ?? 0) + 1);
          for (const finalizer of metadata.finalizers ?? []) {
            finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
          }
        }
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    return { objects, finalizers, failures };
  }

  /** @returns what is left */
  async function deleteAll(namespace: string, resource: KnownResource): Promise<ApiObject[]> {
    const { items } = await client.list<ApiObject>(resource, { namespace });
    if (items.length === 0) return [];
    if (items.some(({ metadata }) => !metadata.deletionTimestamp)) {
      await client.deleteCollection(resource, namespace, { propagationPolicy: 'Background' });
    }
    return (await client.list<ApiObject>(resource, { namespace })).items;
  }

  async function writeStatus(namespace: Namespace, remaining: Remaining): Promise<Namespace> {
    const conditions = deletionConditions(namespace.status?.conditions, remaining, clock.now());
    if (canonicalJson(conditions) === canonicalJson(namespace.status?.conditions)) return namespace;
    const status = { ...namespace.status, phase: 'Terminating', conditions };
    return client.updateStatus<Namespace>(NAMESPACES, { ...namespace, status });
  }

  async function finalize(namespace: Namespace): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== FINALIZER);
    try {
      await client.update<Namespace>(
        NAMESPACES,
        { ...namespace, spec: { ...namespace.spec, finalizers } },
        { subresource: 'finalize' },
      );
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) queue.add(keyOf(namespace));
      throw error;
    }
  }

  return queueController('namespace', queue);
}
