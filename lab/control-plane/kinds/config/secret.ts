import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { schemaOf } from '../../schema/index.ts';
import { invalid, invalidAll, required, tooLong } from '../fields/index.ts';
import {
  isConfigMapKey,
  isDNS1123Subdomain,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn } from '../tables/index.ts';
import { maxDataBytes, validateImmutable } from './configmap.ts';

type Data = Record<string, string>;
const dataOf = (object: KubeObject): Data => (object.data ?? {}) as Data;
const accountAnnotation = 'kubernetes.io/service-account.name';

/** Keys that a type of secret must have. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export const secrets: Kind = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  subresources: [],
  schema: schemaOf('io.k8s.api.core.v1.Secret'),
  defaults(object) {
    object.type ||= 'Opaque';
    // stringData is a convenience for writing: it never comes back.
    const plain = object.stringData as Data | undefined;
    delete object.stringData;
    if (!plain || Object.keys(plain).length === 0) return;
    const encoded = Object.entries(plain).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    object.data = { ...dataOf(object), ...Object.fromEntries(encoded) };
  },
  validate: (object) => [...validateObjectMeta(object, true, isDNS1123Subdomain), ...validateData(object)],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object, old),
    ...(object.type === old.type ? [] : [invalid('type', String(object.type), 'field is immutable')]),
    ...validateImmutable(object, old, ['data']),
    ...validateData(object),
  ],
  fieldSelectors: (object) => ({ type: String(object.type ?? '') }),
  columns: [
    nameColumn,
    columnOf('Type', 'core.v1.Secret#type'),
    columnOf('Data', 'core.v1.Secret#data'),
    ageColumn,
  ],
  row: (object, now) => [
    object.metadata.name,
    String(object.type ?? ''),
    Object.keys(dataOf(object)).length,
    age(object.metadata.creationTimestamp, now),
  ],
};

function validateData(object: KubeObject): FieldError[] {
  const data = dataOf(object);
  const type = String(object.type ?? '');
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    errors.push(...invalidAll(`data[${key}]`, key, isConfigMapKey(key)));
    bytes += Buffer.byteLength(value, 'base64');
  }
  if (bytes > maxDataBytes) errors.push(tooLong('data', maxDataBytes));
  // Not `wanted[type]`: a type called __proto__ must find nothing.
  const keys = Object.hasOwn(wanted, type) ? (wanted[type] ?? []) : [];
  for (const key of keys) if (data[key] === undefined) errors.push(required(`data[${key}]`));
  if (type === 'kubernetes.io/service-account-token' && !object.metadata.annotations?.[accountAnnotation]) {
    errors.push(required(`metadata.annotations[${accountAnnotation}]`));
  }
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined) {
    errors.push(required('data[username]'), required('data[password]'));
  }
  if (type === 'kubernetes.io/dockerconfigjson' && data['.dockerconfigjson'] !== undefined) {
    const text = Buffer.from(data['.dockerconfigjson'], 'base64').toString();
    if (!isJson(text))
      errors.push(invalid('data[.dockerconfigjson]', '<secret contents redacted>', 'invalid character'));
  }
  return errors;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
