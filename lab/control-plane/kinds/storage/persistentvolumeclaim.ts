import type { V1PersistentVolumeClaimSpec, V1PersistentVolumeClaimStatus } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import {
  isDNS1123Subdomain,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus } from '../status.ts';
import { age, ageColumn, column, columnOf, nameColumn, wide } from '../tables/index.ts';
import { compareQuantities, parseQuantity, semanticallyEqual } from '../values/index.ts';
import { formatAccessModes, validateAccessModes } from './access-modes.ts';
import { protect } from './protection.ts';

const specOf = (object: KubeObject): V1PersistentVolumeClaimSpec => sectionOf(object, 'spec');

export const persistentvolumeclaims: Kind = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.core.v1.PersistentVolumeClaim'),
  defaults(object) {
    const spec = specOf(object);
    spec.volumeMode ??= 'Filesystem';
    spec.resources ??= {};
    const status = sectionOf<V1PersistentVolumeClaimStatus>(object, 'status');
    status.phase ||= 'Pending';
  },
  prepareForCreate(object) {
    object.status = { phase: 'Pending' };
    protect(object, 'kubernetes.io/pvc-protection');
  },
  prepareForUpdate: keepStatus,
  validate: (object) => [
    ...validateObjectMeta(object, true, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
    ...validateChange(object, old),
  ],
  columns: [
    nameColumn,
    columnOf('Status', 'core.v1.PersistentVolumeClaimStatus#phase'),
    columnOf('Volume', 'core.v1.PersistentVolumeClaimSpec#volumeName'),
    columnOf('Capacity', 'core.v1.PersistentVolumeClaimStatus#capacity'),
    columnOf('Access Modes', 'core.v1.PersistentVolumeClaimStatus#accessModes'),
    column('StorageClass', 'StorageClass of the pvc'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pvc'),
    ageColumn,
    columnOf('VolumeMode', 'core.v1.PersistentVolumeClaimSpec#volumeMode', wide),
  ],
  row,
};

function validateSpec(spec: V1PersistentVolumeClaimSpec): FieldError[] {
  const errors = validateAccessModes(
    spec.accessModes,
    'spec.accessModes',
    'at least 1 access mode is required',
  );
  if (spec.accessModes?.includes('ReadWriteOncePod') && spec.accessModes.length > 1) {
    errors.push(forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'));
  }
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(required('spec.resources[storage]'));
  else if ((parseQuantity(storage) ?? 0n) <= 0n) {
    errors.push(invalid('spec.resources[storage]', storage, 'must be greater than zero'));
  }
  if (spec.storageClassName) {
    const messages = isDNS1123Subdomain(spec.storageClassName);
    errors.push(...invalidAll('spec.storageClassName', spec.storageClassName, messages));
  }
  const modes = ['Block', 'Filesystem'];
  if (spec.volumeMode !== undefined && !modes.includes(spec.volumeMode)) {
    errors.push(notSupported('spec.volumeMode', spec.volumeMode, modes));
  }
  return errors;
}

/** Only the binding, and a larger request of a bound claim. */
function validateChange(object: KubeObject, old: KubeObject): FieldError[] {
  const spec = structuredClone(specOf(object));
  const before = structuredClone(specOf(old));
  const bound = (old.status as V1PersistentVolumeClaimStatus | undefined)?.phase === 'Bound';
  if (!before.volumeName) {
    delete spec.volumeName;
    delete before.volumeName;
  }
  // A claim made before its class was the default gets it later.
  if (before.storageClassName === undefined) delete spec.storageClassName;
  const request = spec.resources?.requests?.storage;
  const requested = before.resources?.requests?.storage;
  const errors: FieldError[] = [];
  if (bound && request !== undefined && requested !== undefined) {
    if (compareQuantities(request, requested) < 0) {
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
    }
    if (spec.resources) delete spec.resources.requests;
    if (before.resources) delete before.resources.requests;
    delete spec.volumeAttributesClassName;
    delete before.volumeAttributesClassName;
  }
  if (!semanticallyEqual(spec, before)) {
    errors.push(
      forbidden(
        'spec',
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ),
    );
  }
  return errors;
}

/** printPersistentVolumeClaim: capacity and modes are those of the volume, once there is one. */
function row(object: KubeObject, now: Date): string[] {
  const spec = specOf(object);
  const status = object.status as V1PersistentVolumeClaimStatus | undefined;
  const volume = spec.volumeName ?? '';
  const beta = object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
  return [
    object.metadata.name,
    object.metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    volume,
    volume === '' ? '' : (status?.capacity?.storage ?? '0'),
    volume === '' ? '' : formatAccessModes(status?.accessModes),
    beta ?? spec.storageClassName ?? '',
    spec.volumeAttributesClassName ?? '<unset>',
    age(object.metadata.creationTimestamp, now),
    spec.volumeMode ?? '<unset>',
  ];
}
