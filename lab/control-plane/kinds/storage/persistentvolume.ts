import type { V1PersistentVolumeSpec, V1PersistentVolumeStatus } from '@kubernetes/client-node';
import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, invalid, notSupported, required } from '../fields/index.ts';
import { isDNS1123Subdomain, validateObjectMeta, validateObjectMetaUpdate } from '../meta/index.ts';
import { sectionOf } from '../section.ts';
import { keepStatus } from '../status.ts';
import { age, ageColumn, column, columnOf, nameColumn, wide } from '../tables/index.ts';
import { parseQuantity, semanticallyEqual } from '../values/index.ts';
import { formatAccessModes, validateAccessModes } from './access-modes.ts';
import { protect } from './protection.ts';

const policies = ['Delete', 'Recycle', 'Retain'];
/** Fields of the spec that are no volume source. */
const general = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);
const specOf = (object: KubeObject): V1PersistentVolumeSpec => sectionOf(object, 'spec');

export const persistentvolumes: Kind = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  subresources: ['status'],
  schema: schemaOf('io.k8s.api.core.v1.PersistentVolume'),
  defaults(object) {
    const spec = specOf(object);
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath.type ??= '';
    const status = sectionOf<V1PersistentVolumeStatus>(object, 'status');
    status.phase ||= 'Pending';
  },
  prepareForCreate(object, context) {
    object.status = { phase: 'Pending', lastPhaseTransitionTime: context.now };
    protect(object, 'kubernetes.io/pv-protection');
  },
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate(object, old, context) {
    const status = sectionOf<V1PersistentVolumeStatus>(object, 'status');
    const before = old.status as V1PersistentVolumeStatus | undefined;
    if (status.phase !== before?.phase) Object.assign(status, { lastPhaseTransitionTime: context.now });
  },
  validate: (object) => [
    ...validateObjectMeta(object, false, isDNS1123Subdomain),
    ...validateSpec(specOf(object)),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateSpec(specOf(object)),
    ...validateChange(specOf(object), specOf(old)),
  ],
  columns: [
    nameColumn,
    columnOf('Capacity', 'core.v1.PersistentVolumeSpec#capacity'),
    columnOf('Access Modes', 'core.v1.PersistentVolumeSpec#accessModes'),
    columnOf('Reclaim Policy', 'core.v1.PersistentVolumeSpec#persistentVolumeReclaimPolicy'),
    columnOf('Status', 'core.v1.PersistentVolumeStatus#phase'),
    columnOf('Claim', 'core.v1.PersistentVolumeSpec#claimRef'),
    column('StorageClass', 'StorageClass of the pv'),
    column('VolumeAttributesClass', 'VolumeAttributesClass of the pv'),
    columnOf('Reason', 'core.v1.PersistentVolumeStatus#reason'),
    ageColumn,
    columnOf('VolumeMode', 'core.v1.PersistentVolumeSpec#volumeMode', wide),
  ],
  row,
};

function sourcesOf(spec: V1PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).filter(([key, value]) => !general.has(key) && value !== undefined),
  );
}

function validateSpec(spec: V1PersistentVolumeSpec): FieldError[] {
  const errors = validateAccessModes(spec.accessModes, 'spec.accessModes', '');
  const capacity = Object.entries(spec.capacity ?? {});
  if (capacity.length === 0) errors.push(required('spec.capacity'));
  for (const [name, quantity] of capacity) {
    if (name !== 'storage') errors.push(notSupported('spec.capacity', name, ['storage']));
    if ((parseQuantity(quantity) ?? 0n) <= 0n) {
      errors.push(invalid(`spec.capacity[${name}]`, quantity, 'must be greater than zero'));
    }
  }
  const policy = spec.persistentVolumeReclaimPolicy ?? '';
  if (!policies.includes(policy)) {
    errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, policies));
  }
  const sources = Object.keys(sourcesOf(spec));
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  for (const source of sources.slice(1)) {
    errors.push(forbidden(`spec.${source}`, 'may not specify more than 1 volume type'));
  }
  if (spec.local && !spec.nodeAffinity)
    errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  return errors;
}

function validateChange(spec: V1PersistentVolumeSpec, old: V1PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!semanticallyEqual(sourcesOf(spec), sourcesOf(old))) {
    errors.push(
      forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'),
    );
  }
  if (spec.volumeMode !== old.volumeMode) {
    errors.push(invalid('spec.volumeMode', spec.volumeMode ?? '', 'field is immutable'));
  }
  if (old.nodeAffinity && !semanticallyEqual(spec.nodeAffinity, old.nodeAffinity)) {
    errors.push(invalid('spec.nodeAffinity', '', 'field is immutable'));
  }
  return errors;
}

/** printPersistentVolume */
function row(object: KubeObject, now: Date): string[] {
  const spec = specOf(object);
  const status = object.status as V1PersistentVolumeStatus | undefined;
  const claim = spec.claimRef;
  return [
    object.metadata.name,
    spec.capacity?.storage ?? '0',
    formatAccessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    object.metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    claim ? `${claim.namespace ?? ''}/${claim.name ?? ''}` : '',
    spec.storageClassName ?? '',
    spec.volumeAttributesClassName ?? '<unset>',
    status?.reason ?? '',
    age(object.metadata.creationTimestamp, now),
    spec.volumeMode ?? '<unset>',
  ];
}
