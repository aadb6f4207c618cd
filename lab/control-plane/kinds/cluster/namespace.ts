import type { V1NamespaceStatus } from '@kubernetes/client-node';
import type { Kind } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { isDNS1123Label, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { keepStatus } from '../status.ts';
import { age, ageColumn, column, nameColumn } from '../tables/index.ts';

/** The label by which selectors can name a namespace; the server keeps it there. */
const nameLabel = 'kubernetes.io/metadata.name';

export const namespaces: Kind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  subresources: ['finalize', 'status'],
  // No deletecollection: namespaces go one by one.
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  schema: schemaOf('io.k8s.api.core.v1.Namespace'),
  defaults(object) {
    const { metadata } = object;
    if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  },
  prepareForCreate(object) {
    object.spec = { finalizers: ['kubernetes'] };
    object.status = { phase: 'Active' };
  },
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    // Its own finalizers change through /finalize only.
    object.spec = old.spec;
  },
  validate: (object) => validateObjectMeta(object, false, isDNS1123Label),
  validateUpdate: validateObjectMetaUpdate,
  fieldSelectors: (object) => ({
    'status.phase': (object.status as V1NamespaceStatus | undefined)?.phase ?? '',
  }),
  columns: [nameColumn, column('Status', 'The status of the namespace'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    (object.status as V1NamespaceStatus | undefined)?.phase ?? '',
    age(object.metadata.creationTimestamp, now),
  ],
};
