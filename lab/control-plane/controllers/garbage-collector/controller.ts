import { type Informer, isConflict, isNotFound, type KnownResource } from '../../../api/client/index.ts';
import type { ApiObject, OwnerReference } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue } from '../context.ts';
import { COLLECTABLE, resourceOfKind } from '../resources.ts';
import { FOREGROUND, type GraphNode, graphNode, ORPHAN, OwnerGraph, type Owners, verdict } from './graph.ts';

/** Uids remembered; forgetting them costs a question to the server. */
const MAX_ABSENT = 4_096;

type OwnerState = keyof Owners | 'unknown';

/** Deletes what has lost its owners, and carries out foreground and orphaning deletions. pkg/controller/garbagecollector. */
export function garbageCollector(
  context: ControllerContext,
  resources: readonly KnownResource[] = COLLECTABLE,
): Controller {
  const { client } = context;
  const graph = new OwnerGraph();
  /** Uids of owners of which the server has said that they do not exist. */
  const absent = new Set<string>();
  const queue = new ControllerQueue('garbagecollector', context, sync, 20);
  for (const resource of resources) watch(resource, context.informers.of<ApiObject>(resource));

  function watch(resource: KnownResource, informer: Informer<ApiObject>): void {
    const changed = (object: ApiObject) => {
      const node = graphNode(resource, object);
      graph.set(node);
      if (node.owners.length > 0 || node.isDeleting) queue.add(node.uid);
    };
    informer.on({
      add: changed,
      update(object, old) {
        changed(object);
        // An owner released this object, or its deletion began: those that wait for it have one less to wait for.
        for (const { uid } of old.metadata.ownerReferences ?? [])
          if (graph.get(uid)?.isDeleting) queue.add(uid);
      },
      delete({ metadata }) {
        const uid = metadata.uid ?? '';
        if (absent.size >= MAX_ABSENT) absent.clear();
        absent.add(uid);
        const node = graph.get(uid);
        const dependents = graph.dependentsOf(uid);
        graph.delete(uid);
        for (const dependent of dependents) queue.add(dependent.uid);
        for (const owner of node?.owners ?? []) queue.add(owner.uid);
      },
    });
  }

  async function sync(uid: string): Promise<void> {
    const node = graph.get(uid);
    if (!node) return;
    if (node.isDeleting && node.finalizers.includes(ORPHAN)) return orphanDependents(node);
    if (node.isDeleting && node.finalizers.includes(FOREGROUND)) return deleteDependents(node);
    if (node.owners.length === 0 || node.isDeleting) return;
    const owners = await standOf(node);
    const decision = verdict(node, owners, graph.dependentsOf(uid).length > 0);
    if (decision.do === 'delete') await remove(node, decision.propagationPolicy);
    if (decision.do === 'removeOwners') await removeOwners(node, decision.uids);
  }

  async function standOf(node: GraphNode): Promise<Owners> {
    const owners = {
      solid: [] as OwnerReference[],
      dangling: [] as OwnerReference[],
      waiting: [] as OwnerReference[],
    };
    for (const owner of node.owners) {
      const state = await ownerState(node, owner);
      // An owner of a kind that is not served here cannot be judged: it counts as being there.
      owners[state === 'unknown' ? 'solid' : state].push(owner);
    }
    return owners;
  }

  /** The graph knows most owners; of the others only the server can say whether they exist. */
  async function ownerState(node: GraphNode, owner: OwnerReference): Promise<OwnerState> {
    const known = graph.get(owner.uid);
    if (known) return isWaiting(known.isDeleting, known.finalizers, owner) ? 'waiting' : 'solid';
    if (absent.has(owner.uid)) return 'dangling';
    const resource = resourceOfKind(owner.apiVersion, owner.kind);
    if (!resource) return 'unknown';
    try {
      const namespace = resource.namespaced ? node.namespace : undefined;
      const { metadata } = await client.get<ApiObject>(resource, owner.name, namespace);
      if (metadata.uid !== owner.uid) return 'dangling';
      return isWaiting(Boolean(metadata.deletionTimestamp), metadata.finalizers ?? [], owner)
        ? 'waiting'
        : 'solid';
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return 'dangling';
    }
  }

  async function remove(
    node: GraphNode,
    propagationPolicy: 'Foreground' | 'Background' | 'Orphan',
  ): Promise<void> {
    const { resource, name, namespace, uid } = node;
    await tolerant(() => client.delete(resource, name, namespace, { uid, propagationPolicy }));
  }

  async function removeOwners(node: GraphNode, uids: readonly string[]): Promise<void> {
    const rest = node.owners.filter((owner) => !uids.includes(owner.uid));
    const ownerReferences = rest.length > 0 ? rest : null;
    const patch = { metadata: { uid: node.uid, ownerReferences } };
    await tolerant(() => client.patch(node.resource, node.name, node.namespace, patch));
  }

  async function orphanDependents(node: GraphNode): Promise<void> {
    const dependents = graph.dependentsOf(node.uid);
    await Promise.all(dependents.map((dependent) => removeOwners(dependent, [node.uid])));
    await removeFinalizer(node, ORPHAN);
  }

  /** The owner goes when no dependent that blocks it is left. processDeletingDependentsItem. */
  async function deleteDependents(node: GraphNode): Promise<void> {
    const blocking = graph
      .dependentsOf(node.uid)
      .filter(({ owners }) => owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion));
    if (blocking.length === 0) return removeFinalizer(node, FOREGROUND);
    for (const dependent of blocking) if (!dependent.isDeleting) queue.add(dependent.uid);
  }

  async function removeFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    const rest = node.finalizers.filter((name) => name !== finalizer);
    const patch = { metadata: { uid: node.uid, finalizers: rest.length > 0 ? rest : null } };
    await tolerant(() => client.patch(node.resource, node.name, node.namespace, patch));
  }

  return {
    name: 'garbagecollector',
    start: () => queue.open(),
    stop: () => queue.stop(),
    idle: () => queue.idle(),
  };
}

function isWaiting(isDeleting: boolean, finalizers: readonly string[], owner: OwnerReference): boolean {
  return isDeleting && finalizers.includes(FOREGROUND) && owner.blockOwnerDeletion === true;
}

/** Gone already, or another object of that name by now: nothing is left to do. */
async function tolerant(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
