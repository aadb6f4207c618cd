import type { Kind } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';

export const serviceaccounts: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  subresources: ['token'],
  schema: schemaOf('io.k8s.api.core.v1.ServiceAccount'),
  validate: (object) => validateObjectMeta(object, true, isDNS1123Subdomain),
  validateUpdate: validateObjectMetaUpdate,
  columns: [nameColumn, columnOf('Secrets', 'core.v1.ServiceAccount#secrets'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    ((object.secrets ?? []) as unknown[]).length,
    age(object.metadata.creationTimestamp, now),
  ],
};
