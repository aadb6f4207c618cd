import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import {
  isDNS1123Subdomain,
  isQualifiedName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { semanticallyEqual } from '../values/index.ts';

const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class';
const policies = ['Delete', 'Retain'];
const modes = ['Immediate', 'WaitForFirstConsumer'];
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const storageclasses: Kind = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  subresources: [],
  schema: schemaOf('io.k8s.api.storage.v1.StorageClass'),
  defaults(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  validate: (object) => [...validateObjectMeta(object, false, isDNS1123Subdomain), ...validateFields(object)],
  validateUpdate: (object, old) => [...validateObjectMetaUpdate(object, old), ...validateChange(object, old)],
  columns: [
    nameColumn,
    columnOf('Provisioner', 'storage.v1.StorageClass#provisioner'),
    columnOf('ReclaimPolicy', 'storage.v1.StorageClass#reclaimPolicy'),
    columnOf('VolumeBindingMode', 'storage.v1.StorageClass#volumeBindingMode'),
    columnOf('AllowVolumeExpansion', 'storage.v1.StorageClass#allowVolumeExpansion'),
    ageColumn,
  ],
  row(object, now) {
    const isDefault = object.metadata.annotations?.[defaultAnnotation] === 'true';
    return [
      isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
      text(object.provisioner),
      text(object.reclaimPolicy) || 'Delete',
      text(object.volumeBindingMode) || 'Immediate',
      object.allowVolumeExpansion === true,
      age(object.metadata.creationTimestamp, now),
    ];
  },
};

function validateFields(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const provisioner = text(object.provisioner);
  if (provisioner === '') errors.push(required('provisioner'));
  else errors.push(...invalidAll('provisioner', provisioner, isQualifiedName(provisioner.toLowerCase())));
  for (const key of Object.keys((object.parameters ?? {}) as object)) {
    if (key === '') errors.push(invalid('parameters', key, 'field can not be empty.'));
  }
  if (!policies.includes(text(object.reclaimPolicy))) {
    errors.push(notSupported('reclaimPolicy', text(object.reclaimPolicy), policies));
  }
  if (!modes.includes(text(object.volumeBindingMode))) {
    errors.push(notSupported('volumeBindingMode', text(object.volumeBindingMode), modes));
  }
  return errors;
}

function validateChange(object: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (!semanticallyEqual(object.parameters, old.parameters)) {
    errors.push(forbidden('parameters', 'updates to parameters are forbidden.'));
  }
  if (object.provisioner !== old.provisioner) {
    errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'));
  }
  for (const field of ['reclaimPolicy', 'volumeBindingMode']) {
    if (object[field] !== old[field]) errors.push(invalid(field, text(object[field]), 'field is immutable'));
  }
  return errors;
}
