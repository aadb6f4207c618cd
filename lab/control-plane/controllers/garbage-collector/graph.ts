import type { KnownResource } from '../../../api/client/index.ts';
import type { ApiObject, OwnerReference } from '../../../api/objects/index.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** An object as far as the garbage collector is concerned. */
export interface GraphNode {
  readonly uid: string;
  readonly resource: KnownResource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly isDeleting: boolean;
  readonly finalizers: readonly string[];
}

export function graphNode(resource: KnownResource, { metadata }: ApiObject): GraphNode {
  return {
    uid: metadata.uid ?? '',
    resource,
    namespace: metadata.namespace,
    name: metadata.name ?? '',
    owners: metadata.ownerReferences ?? [],
    isDeleting: metadata.deletionTimestamp !== undefined,
    finalizers: metadata.finalizers ?? [],
  };
}

/** Who owns whom. pkg/controller/garbagecollector/graph_builder.go. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((one) => this.#nodes.get(one) ?? []);
  }

  set(node: GraphNode): void {
    this.delete(node.uid);
    this.#nodes.set(node.uid, node);
    for (const { uid } of node.owners) {
      const dependents = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, dependents.add(node.uid));
    }
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    this.#nodes.delete(uid);
    for (const owner of node?.owners ?? []) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }
}

/** How an object's owners stand: there and staying, gone, or waiting (foreground) for their dependents to go. */
export interface Owners {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  readonly waiting: readonly OwnerReference[];
}

export type Verdict =
  | { readonly do: 'nothing' }
  | { readonly do: 'delete'; readonly propagationPolicy: 'Foreground' | 'Background' | 'Orphan' }
  /** Keep the object, without the references to owners that have gone. */
  | { readonly do: 'removeOwners'; readonly uids: readonly string[] };

/** What is to be done with an object whose owners may have gone. attemptToDeleteItem. */
export function verdict(node: GraphNode, owners: Owners, hasDependents: boolean): Verdict {
  const { solid, dangling, waiting } = owners;
  if (node.owners.length === 0 || node.isDeleting) return { do: 'nothing' };
  if (solid.length > 0) {
    const gone = [...dangling, ...waiting].map(({ uid }) => uid);
    return gone.length === 0 ? { do: 'nothing' } : { do: 'removeOwners', uids: gone };
  }
  if (waiting.length > 0 && hasDependents) return { do: 'delete', propagationPolicy: 'Foreground' };
  const policy = node.finalizers.includes(ORPHAN)
    ? 'Orphan'
    : node.finalizers.includes(FOREGROUND)
      ? 'Foreground'
      : 'Background';
  return { do: 'delete', propagationPolicy: policy };
}
