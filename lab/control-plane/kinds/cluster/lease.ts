import type { V1LeaseSpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid } from '../fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';

const specOf = (object: KubeObject): V1LeaseSpec => sectionOf(object, 'spec');

export const leases: Kind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  namespaced: true,
  subresources: [],
  conditionalUpdate: true,
  schema: schemaOf('io.k8s.api.coordination.v1.Lease'),
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
  ],
  columns: [nameColumn, columnOf('Holder', 'coordination.v1.LeaseSpec#holderIdentity'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    specOf(object).holderIdentity ?? '',
    age(object.metadata.creationTimestamp, now),
  ],
};

function validateSpec({ leaseDurationSeconds, leaseTransitions }: V1LeaseSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  }
  return errors;
}
