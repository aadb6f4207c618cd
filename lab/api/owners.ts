import type { ApiObject, OwnerReference } from './objects/index.ts';

/** The reference to the object's managing controller, if it has one. */
export function controllerOf(object: ApiObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner` is the managing controller. */
export const isControlledBy = (object: ApiObject, owner: ApiObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;

/** `metav1.NewControllerRef`: a reference that blocks a foreground deletion of the owner. */
export function controllerReference(owner: ApiObject, kind: string, apiVersion: string): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
