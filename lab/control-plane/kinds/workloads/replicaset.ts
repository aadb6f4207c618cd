import type { V1ReplicaSet, V1ReplicaSetSpec } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import {
  formatSelector,
  isDNS1123Subdomain,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { defaultTemplate, nonNegative } from '../pod/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus, nextGeneration, startGeneration } from '../status.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { templateCells, templateColumns } from './table.ts';
import { templateWarnings, validateSelectorAndTemplate, validateSelectorChange } from './validation.ts';

const specOf = (object: KubeObject): V1ReplicaSetSpec => sectionOf(object, 'spec');

export const replicasets: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  subresources: ['status', 'scale'],
  schema: schemaOf('io.k8s.api.apps.v1.ReplicaSet'),
  defaults(object) {
    const spec = specOf(object);
    spec.replicas ??= 1;
    spec.template ??= {};
    defaultTemplate(spec.template);
  },
  prepareForCreate: (object) => startGeneration(object, { replicas: 0 }),
  prepareForUpdate(object, old) {
    keepStatus(object, old);
    nextGeneration(object, old);
  },
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
    ...validateSelectorChange(specOf(object).selector, specOf(old).selector),
  ],
  warnings: (object) => templateWarnings(specOf(object).template),
  fieldSelectors: (object) => ({
    'status.replicas': String((object as unknown as V1ReplicaSet).status?.replicas ?? 0),
  }),
  columns: [
    nameColumn,
    columnOf('Desired', 'apps.v1.ReplicaSetSpec#replicas'),
    columnOf('Current', 'apps.v1.ReplicaSetStatus#replicas'),
    columnOf('Ready', 'apps.v1.ReplicaSetStatus#readyReplicas'),
    ageColumn,
    ...templateColumns('apps.v1.ReplicaSetSpec#selector'),
  ],
  row,
};

function validateSpec(spec: V1ReplicaSetSpec): FieldError[] {
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateSelectorAndTemplate(spec, 'replicaset'),
  ];
}

/** printReplicaSet */
function row(object: KubeObject, now: Date): (string | number)[] {
  const spec = specOf(object);
  const { status } = object as unknown as V1ReplicaSet;
  return [
    object.metadata.name,
    spec.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    age(object.metadata.creationTimestamp, now),
    ...templateCells(spec.template),
    formatSelector(spec.selector),
  ];
}
