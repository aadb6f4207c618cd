import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { forbidden, invalid, invalidAll, tooLong } from '../fields/index.ts';
import {
  isConfigMapKey,
  isDNS1123Subdomain,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { semanticallyEqual } from '../values/index.ts';

/** 1 MiB of keys and values, as for Secrets. */
export const maxDataBytes = 1024 * 1024;
type Data = Readonly<Record<string, string>>;

const dataOf = (object: KubeObject): Data => (object.data ?? {}) as Data;
const binaryOf = (object: KubeObject): Data => (object.binaryData ?? {}) as Data;

export const configmaps: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.core.v1.ConfigMap'),
  validate: (object) => [...validateObjectMeta(object, true, isDNS1123Subdomain), ...validateData(object)],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...validateImmutable(object, old, ['data', 'binaryData']),
    ...validateData(object),
  ],
  columns: [nameColumn, columnOf('Data', 'core.v1.ConfigMap#data'), ageColumn],
  row: (object, now) => [
    object.metadata.name,
    Object.keys(dataOf(object)).length + Object.keys(binaryOf(object)).length,
    age(object.metadata.creationTimestamp, now),
  ],
};

/** Of ConfigMaps and Secrets: `immutable` is for life, and so is then what they hold. */
export function validateImmutable(
  object: KubeObject,
  old: KubeObject,
  fields: readonly string[],
): FieldError[] {
  if (old.immutable !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  return [
    ...(object.immutable === true ? [] : [forbidden('immutable', why)]),
    ...fields
      .filter((field) => !semanticallyEqual(object[field], old[field]))
      .map((field) => forbidden(field, why)),
  ];
}

function validateData(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(dataOf(object))) {
    errors.push(...invalidAll(`data[${key}]`, key, isConfigMapKey(key)));
    if (key in binaryOf(object))
      errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    bytes += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryOf(object))) {
    errors.push(...invalidAll(`binaryData[${key}]`, key, isConfigMapKey(key)));
    bytes += Buffer.byteLength(value, 'base64');
  }
  // The field of this one is the empty path.
  if (bytes > maxDataBytes) errors.push(tooLong('', maxDataBytes));
  return errors;
}
