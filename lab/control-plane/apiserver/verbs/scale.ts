import {
  badRequest,
  type FieldError,
  invalid,
  type KubeObject,
  notFound,
  type Schema,
} from '../../registry/index.ts';
import type { ResourceRequest } from '../context.ts';
import { decodeBody } from '../decode/body.ts';
import { checkSchema, TypeMismatch } from '../decode/check-schema.ts';
import type { Answer } from '../output/answer.ts';
import { encodeValue } from '../output/encode.ts';
import { partialOf, type TableKind, tableOf } from '../output/table.ts';
import { isObject } from '../patch/merge.ts';
import { parseDryRun } from './options.ts';
import { parsePatch, patcher } from './patch.ts';
import { encodeOptions, find } from './read.ts';
import { formatSelector, scaleTable } from './scale-table.ts';
import { prepareUpdate, storeUpdate } from './update.ts';

const SCALE_SCHEMA: Schema = {
  type: 'object',
  ref: 'io.k8s.api.autoscaling.v1.Scale',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      ref: 'io.k8s.api.autoscaling.v1.ScaleSpec',
      properties: { replicas: { type: 'integer', format: 'int32' } },
    },
    status: { type: 'object' },
  },
};

/** The `scale` subresource: `autoscaling/v1` Scale over spec.replicas, status.replicas and spec.selector. */
export async function scale(request: ResourceRequest): Promise<Answer> {
  const { method, served, query, state, resource, path } = request;
  if (method === 'GET') return encodeScale(request, find(request).object);
  const optionsKind = method === 'PUT' ? 'UpdateOptions' : 'PatchOptions';
  const dryRun = parseDryRun(query.getAll('dryRun'), optionsKind);
  const entry = state.store.latest(resource, path.namespace, path.name ?? '');
  if (!entry) throw notFound(served.resource, path.name ?? '');
  const wanted = method === 'PUT' ? decodeScale(request) : patchedScale(request, entry.object);
  const replicas = (wanted.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if ((replicas as number) < 0) {
    const error: FieldError = {
      reason: 'FieldValueInvalid',
      field: 'spec.replicas',
      message: `Invalid value: ${String(replicas)}: must be greater than or equal to 0`,
    };
    throw invalid({ group: 'autoscaling', name: 'Scale' }, path.name ?? '', [error]);
  }
  const object = entry.copy();
  object.spec = { ...(object.spec as object), replicas };
  if (wanted.metadata.resourceVersion) object.metadata.resourceVersion = wanted.metadata.resourceVersion;
  else delete object.metadata.resourceVersion;
  const prepared = prepareUpdate(request, entry, object, 'main');
  if (dryRun) return encodeScale(request, prepared);
  return encodeScale(request, (await storeUpdate(request, entry, prepared)).object);
}

function decodeScale(request: ResourceRequest): KubeObject {
  const value = decodeBody(request.body, request.contentType, 'Scale').value as Record<string, unknown>;
  const { kind = 'Scale', apiVersion = 'autoscaling/v1' } = value;
  const version = String(apiVersion).split('/').at(-1) ?? '';
  if (kind !== 'Scale')
    throw badRequest(
      `${String(kind)} in version "${version}" cannot be handled as a Scale: converting (${version}.${String(kind)}) to (autoscaling.Scale): unknown conversion`,
    );
  return checkScale(value);
}

function patchedScale(request: ResourceRequest, object: KubeObject): KubeObject {
  const apply = patcher(request.contentType);
  const patched = apply(scaleOf(object), parsePatch(request.body, request.contentType), SCALE_SCHEMA);
  if (!isObject(patched)) throw badRequest('error decoding patch: the patched object is not an object');
  const checked = checkScale(patched);
  if (checked.metadata.resourceVersion === object.metadata.resourceVersion)
    delete checked.metadata.resourceVersion;
  return checked;
}

function checkScale(value: Record<string, unknown>): KubeObject {
  try {
    checkSchema(value, SCALE_SCHEMA);
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${error.message}`);
  }
  return { metadata: {}, ...value } as unknown as KubeObject;
}

interface Scalable {
  readonly spec?: { replicas?: number; selector?: Parameters<typeof formatSelector>[0] };
  readonly status?: { replicas?: number };
}

function scaleOf(object: KubeObject): KubeObject {
  const { spec, status } = object as unknown as Scalable;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject['metadata'],
    spec: spec?.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, selector: formatSelector(spec?.selector) },
  };
}

function encodeScale(request: ResourceRequest, object: KubeObject): Answer {
  const { output, include, now } = encodeOptions(request);
  const value = scaleOf(object);
  if (output.as === 'Table') {
    const metadata = { resourceVersion: object.metadata.resourceVersion };
    const options = { version: output.version, include, headers: true, now };
    const kind: TableKind = scaleTable;
    return encodeValue(tableOf(kind, [value], metadata, options), output);
  }
  if (output.as !== undefined) return encodeValue(partialOf(value, output.version), output);
  return encodeValue(value, output);
}
