import { badRequest, type KubeObject, type Registry, type ServedKind } from '../../registry/index.ts';
import { isObject } from '../patch/merge.ts';
import type { DecodedBody } from './body.ts';
import { checkSchema, TypeMismatch } from './check-schema.ts';
import { duplicateFields } from './json.ts';

/** `?fieldValidation=`: what happens to unknown and duplicate fields. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/**
 * Makes a typed object of a request's body: right kind, right types, unknown fields dropped.
 * @param warn receives `Warning:` texts under fieldValidation=Warn
 * @throws StatusError 400 in the real server's words
 */
export function decodeObject(
  body: DecodedBody,
  served: ServedKind,
  registry: Registry,
  validation: FieldValidation,
  warn: (text: string) => void,
): KubeObject {
  const value = body.value as Record<string, unknown>;
  checkType(value, served, registry);
  value.apiVersion = served.apiVersion;
  value.kind = served.kind.kind;
  const cannot = `${served.kind.kind} in version "${served.version}" cannot be handled as a ${served.kind.kind}`;
  const problems = typed(value, served, cannot, body.text, validation);
  if (problems.length > 0 && validation === 'Strict')
    throw badRequest(`${cannot}: strict decoding error: ${problems.join(', ')}`);
  if (validation === 'Warn') for (const problem of problems) warn(problem);
  return withMetadata(value);
}

/** @returns what strict decoding objects to, e.g. `unknown field "spec.foo"` */
function typed(
  value: Record<string, unknown>,
  served: ServedKind,
  cannot: string,
  text: string | undefined,
  validation: FieldValidation,
): readonly string[] {
  try {
    const unknown = checkSchema(value, served.schema);
    if (validation === 'Ignore') return [];
    const twice = text === undefined ? [] : duplicateFields(text);
    return [
      ...twice.map((path) => `duplicate field "${path}"`),
      ...unknown.map((path) => `unknown field "${path}"`),
    ];
  } catch (error) {
    if (error instanceof TypeMismatch) throw badRequest(`${cannot}: ${error.message}`);
    throw error;
  }
}

/** An object without metadata decodes to one with empty metadata. */
export function withMetadata(value: Record<string, unknown>): KubeObject {
  const metadata = isObject(value.metadata) ? value.metadata : {};
  if (typeof metadata.name !== 'string') metadata.name = '';
  delete metadata.managedFields;
  delete metadata.selfLink;
  value.metadata = metadata;
  return value as KubeObject;
}

function checkType(value: Record<string, unknown>, served: ServedKind, registry: Registry): void {
  const { kind } = served.kind;
  const apiVersion = value.apiVersion ?? '';
  const given = value.kind ?? '';
  if (typeof apiVersion !== 'string' || typeof given !== 'string')
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal into Go struct field of type string`,
    );
  if ((given === '' || given === kind) && (apiVersion === '' || apiVersion === served.apiVersion)) return;
  const actualKind = given || kind;
  const actualVersion = apiVersion || served.apiVersion;
  const version = actualVersion.slice(actualVersion.lastIndexOf('/') + 1);
  const cannot = `${actualKind} in version "${version}" cannot be handled as a ${kind}`;
  const [group, groupVersion] = actualVersion.includes('/')
    ? [actualVersion.slice(0, actualVersion.indexOf('/')), version]
    : ['', version];
  const known = registry
    .inVersion(group, groupVersion)
    .some(({ kind: other }) => other.kind === actualKind || `${other.kind}List` === actualKind);
  if (!known)
    throw badRequest(
      `${cannot}: no kind "${actualKind}" is registered for version "${actualVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  if (actualKind === kind)
    throw badRequest(
      `the API version in the data (${actualVersion}) does not match the expected API version (${served.apiVersion})`,
    );
  const internal = (served.group.split('.')[0] ?? '') || 'core';
  throw badRequest(
    `${cannot}: converting (${version}.${actualKind}) to (${internal}.${kind}): unknown conversion`,
  );
}
