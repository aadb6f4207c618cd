import type { FieldError, KubeObject, ObjectMeta, OwnerReference } from '../../registry/kind.ts';
import {
  forbidden,
  GoText,
  goQuote,
  goStrings,
  invalid,
  invalidAll,
  required,
  tooLong,
} from '../fields/index.ts';
import { asPrefix, isDNS1123Label, isLabelValue, isQualifiedName, type NameCheck } from './names.ts';

const annotationBytes = 256 * 1024;
const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/**
 * Generic metadata of a create (apimachinery ValidateObjectMeta).
 * @param checkName what the kind wants of its names
 */
export function validateObjectMeta(
  object: KubeObject,
  namespaced: boolean,
  checkName: NameCheck,
): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const generateName = metadata.generateName ?? '';
  if (generateName !== '') {
    errors.push(...invalidAll('metadata.generateName', generateName, asPrefix(checkName)(generateName)));
  }
  // generateName has been resolved by now; without either there is no name.
  if ((metadata.name ?? '') === '') {
    errors.push(required('metadata.name', 'name or generateName is required'));
  } else {
    errors.push(...invalidAll('metadata.name', metadata.name, checkName(metadata.name)));
  }
  const namespace = metadata.namespace ?? '';
  if (namespaced) {
    if (namespace === '') errors.push(required('metadata.namespace'));
    else errors.push(...invalidAll('metadata.namespace', namespace, isDNS1123Label(namespace)));
  } else if (namespace !== '') {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  errors.push(...common(metadata));
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    errors.push(...validateFinalizer(finalizer, `metadata.finalizers[${index}]`));
  }
  return errors;
}

/**
 * Generic metadata of an update. The real server does it twice, generically and for the kind: hence each cause twice (the message
 * says it once). What a client may not change at all (creationTimestamp, deletionTimestamp) has been put back before.
 */
export function validateObjectMetaUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const once = objectMetaUpdate(object.metadata, old.metadata);
  return [...once, ...once];
}

/** Labels of metadata, pod templates, selectors of services, node selectors. */
export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalidAll(field, key, isQualifiedName(key)),
    ...invalidAll(field, value, isLabelValue(value)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...invalidAll(field, key, isQualifiedName(key.toLowerCase())));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationBytes) errors.push(tooLong(field, annotationBytes));
  return errors;
}

export function validateFinalizer(name: string, field: string): FieldError[] {
  const messages = isQualifiedName(name);
  if (messages.length > 0) return invalidAll(field, name, messages);
  if (name.includes('/') || standardFinalizers.has(name)) return [];
  return [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function objectMetaUpdate(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name));
    if (added.length > 0) {
      errors.push(
        forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added).text}`,
        ),
      );
    }
  }
  for (const name of ['name', 'namespace', 'uid'] as const) {
    const value = metadata[name] ?? '';
    if (value !== (old[name] ?? '')) errors.push(invalid(`metadata.${name}`, value, 'field is immutable'));
  }
  if (metadata.generation !== undefined && metadata.generation < (old.generation ?? 0)) {
    errors.push(invalid('metadata.generation', metadata.generation, 'must not be decremented'));
  }
  errors.push(...common(metadata));
  return errors;
}

function common(metadata: ObjectMeta): FieldError[] {
  return [
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validateOwners(metadata.ownerReferences ?? []),
  ];
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const field = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const { apiVersion = '', kind = '', name = '', uid = '', controller: controls } of owners) {
    if (apiVersion === '') errors.push(invalid(`${field}.apiVersion`, '', 'version must not be empty'));
    if (kind === '') errors.push(invalid(`${field}.kind`, '', 'kind must not be empty'));
    if (name === '') errors.push(invalid(`${field}.name`, '', 'name must not be empty'));
    if (uid === '') errors.push(invalid(`${field}.uid`, '', 'uid must not be empty'));
    if (controls !== true) continue;
    const owner = `${kind}/${name}`;
    if (controller !== undefined) {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner}`;
      errors.push(
        invalid(field, new GoText(`[]v1.OwnerReference{${owners.map(ownerText).join(', ')}}`), why),
      );
    }
    controller ??= owner;
  }
  return errors;
}

function ownerText({ apiVersion, kind, name, uid }: OwnerReference): string {
  return `v1.OwnerReference{APIVersion:${goQuote(apiVersion)}, Kind:${goQuote(kind)}, Name:${goQuote(name)}, UID:${goQuote(uid)}}`;
}
