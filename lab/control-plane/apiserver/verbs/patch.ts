import {
  badRequest,
  invalid,
  type KubeObject,
  notFound,
  type Schema,
  StatusError,
  unsupportedMediaType,
} from '../../registry/index.ts';
import type { ResourceRequest } from '../context.ts';
import { checkSchema, TypeMismatch } from '../decode/check-schema.ts';
import { GoJsonError, parseJson } from '../decode/json.ts';
import { type FieldValidation, withMetadata } from '../decode/object.ts';
import type { Answer } from '../output/answer.ts';
import { shown } from '../output/encode.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { isObject, mergePatch } from '../patch/merge.ts';
import { strategicMergePatch } from '../patch/strategic.ts';
import { toStorage } from './create.ts';
import { parseDryRun, parseFieldValidation } from './options.ts';
import { checkName, finish, type Part } from './update.ts';

export async function patch(request: ResourceRequest, part: Part): Promise<Answer> {
  const { query, served, state, path, resource } = request;
  const apply = patcher(request.contentType);
  const dryRun = parseDryRun(query.getAll('dryRun'), 'PatchOptions');
  const validation = parseFieldValidation(query.get('fieldValidation'), 'PatchOptions');
  const name = path.name ?? '';
  const entry = state.store.latest(resource, path.namespace, name);
  if (!entry) throw notFound(served.resource, name);
  const change = parsePatch(request.body, request.contentType);
  const current = structuredClone(shown(entry, served));
  const patched = apply(current, change, served.schema);
  if (!isObject(patched)) throw badRequest('error decoding patch: the patched object is not an object');
  const object = decodePatched(request, patched, validation);
  checkName(object, name);
  // Only a patch that names a revision is bound to it.
  if (object.metadata.resourceVersion === current.metadata.resourceVersion)
    delete object.metadata.resourceVersion;
  return finish(request, entry, toStorage(request, object), part, dryRun);
}

type Patcher = (current: KubeObject, change: unknown, schema: Schema) => unknown;

/** @throws StatusError 415 for media types that are no patch, and for server-side apply */
export function patcher(contentType: string): Patcher {
  switch (contentType) {
    case 'application/json-patch+json':
      return (current, change) => jsonPatch(current, change);
    case 'application/merge-patch+json':
      return (current, change) => mergePatch(current, change);
    case 'application/strategic-merge-patch+json':
      return (current, change, schema) => strategicMergePatch(current, change, schema);
    case 'application/apply-patch+yaml':
    case 'application/apply-patch+cbor':
      throw unsupportedMediaType(
        'server-side apply is not served by this API server; use client-side apply (kubectl apply without --server-side)',
        {},
      );
    default:
      throw unsupportedMediaType('415: Unsupported Media Type', {});
  }
}

/** @throws StatusError 400 for what is no JSON; the real server says what it was doing for all patches but the strategic ones */
export function parsePatch(body: Buffer, contentType: string): unknown {
  try {
    return parseJson(body.toString());
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    const isStrategic = contentType === 'application/strategic-merge-patch+json';
    throw badRequest(isStrategic ? error.message : `error decoding patch: ${error.message}`);
  }
}

function decodePatched(
  request: ResourceRequest,
  patched: Record<string, unknown>,
  validation: FieldValidation,
): KubeObject {
  const { served } = request;
  const { kind } = served.kind;
  if (patched.kind !== kind || patched.apiVersion !== served.apiVersion)
    throw badRequest(
      `the patched object has kind ${JSON.stringify(patched.kind)} and apiVersion ${JSON.stringify(patched.apiVersion)}, which cannot be changed`,
    );
  const whole = validation === 'Strict' ? JSON.stringify(patched) : '';
  let unknown: readonly string[];
  try {
    unknown = checkSchema(patched, served.schema);
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw unprocessable(JSON.stringify(patched), error.message);
  }
  const problems = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (problems.length > 0 && validation === 'Strict')
    throw unprocessable(whole, `strict decoding error: ${problems.join(', ')}`);
  if (validation === 'Warn') for (const problem of problems) request.warn(problem);
  return withMetadata(patched);
}

/** A patch whose result does not decode: ` "" is invalid: patch: Invalid value: "{…}": …`. */
function unprocessable(patched: string, why: string): StatusError {
  const error = invalid({ group: '', name: '' }, '', [
    {
      reason: 'FieldValueInvalid',
      field: 'patch',
      message: `Invalid value: ${JSON.stringify(patched)}: ${why}`,
    },
  ]);
  const { kind: _kind, ...details } = error.details ?? {};
  return new StatusError({ code: 422, reason: 'Invalid', message: error.message, details });
}
