import type { Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid, required } from '../fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { age, ageColumn, column, columnOf, nameColumn } from '../tables/index.ts';
import { semanticallyEqual } from '../values/index.ts';

/** One state of a DaemonSet's template: what `rollout history` lists and `rollout undo` goes back to. */
export const controllerrevisions: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.apps.v1.ControllerRevision'),
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...(object.data === undefined ? [required('data', 'data is mandatory')] : []),
    ...revision(object),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...revision(object),
    ...(semanticallyEqual(object.data, old.data) ? [] : [invalid('data', '', 'field is immutable')]),
  ],
  columns: [
    nameColumn,
    column('Controller', 'Controller of the object'),
    columnOf('Revision', 'apps.v1.ControllerRevision#revision'),
    ageColumn,
  ],
  row(object, now) {
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
    const group = owner?.apiVersion?.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    return [
      object.metadata.name,
      owner ? `${(owner.kind ?? '').toLowerCase()}${group}/${owner.name}` : '<none>',
      Number(object.revision ?? 0),
      age(object.metadata.creationTimestamp, now),
    ];
  },
};

function revision(object: KubeObject) {
  const number = Number(object.revision ?? 0);
  return number < 0 ? [invalid('revision', number, 'must be greater than or equal to 0')] : [];
}
