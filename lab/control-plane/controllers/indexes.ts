import { type Informer, keyOf } from '../../api/client/index.ts';
import type { ApiObject, Pod } from '../../api/objects/index.ts';
import { controllerOf } from '../../api/owners.ts';

const BY_CONTROLLER = 'controller';
const BY_NODE = 'node';

export interface Ownership<T> {
  /** Objects whose controller has this uid. */
  ownedBy(uid: string | undefined): T[];
  /** Objects without a controller. */
  orphansIn(namespace: string | undefined): T[];
  /** All that an owner may have to do with: its own, and orphans it might adopt. */
  candidates(owner: ApiObject): T[];
}

/** Finds objects by their controller. */
export function ownership<T extends ApiObject>(informer: Informer<T>): Ownership<T> {
  informer.addIndex(BY_CONTROLLER, (object) => {
    const owner = controllerOf(object);
    return [owner ? owner.uid : `orphans in ${object.metadata.namespace}`];
  });
  const ownedBy = (uid: string | undefined) =>
    uid === undefined ? [] : informer.byIndex(BY_CONTROLLER, uid);
  const orphansIn = (namespace: string | undefined) =>
    informer.byIndex(BY_CONTROLLER, `orphans in ${namespace}`);
  return {
    ownedBy,
    orphansIn,
    candidates: ({ metadata }) => [...ownedBy(metadata.uid), ...orphansIn(metadata.namespace)],
  };
}

/** Pods by the node they are assigned to. */
export function podsByNode(informer: Informer<Pod>): (node: string) => Pod[] {
  informer.addIndex(BY_NODE, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
  return (node) => informer.byIndex(BY_NODE, node);
}

/** Key of the object of a kind that controls this one, if any. */
export function controllerKey(object: ApiObject, kind: string): string | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== kind) return undefined;
  return keyOf({ metadata: { ...object.metadata, name: owner.name } });
}
