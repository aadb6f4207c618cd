import { isDeepStrictEqual } from 'node:util';
import {
  badRequest,
  conflict,
  type FieldError,
  invalid,
  type Kind,
  type KubeObject,
  notFound,
  unclassified,
} from '../../registry/index.ts';
import type { Entry } from '../../store/index.ts';
import { kindContext, type ResourceRequest } from '../context.ts';
import { decodeBody } from '../decode/body.ts';
import { decodeObject } from '../decode/object.ts';
import type { Answer } from '../output/answer.ts';
import { encodeEntry, encodeObject } from '../output/encode.ts';
import { asServed, checkNamespace, create, toStorage } from './create.ts';
import { parseDryRun, parseFieldValidation } from './options.ts';
import { encodeOptions } from './read.ts';

/** Which part of an object a request may change. */
export type Part = 'main' | 'status' | 'finalize';

/** Kinds whose PUT makes the object when it is missing (AllowCreateOnUpdate of their strategies). */
const CREATE_ON_UPDATE = new Set(['services', 'endpoints', 'events', 'leases.coordination.k8s.io']);

export async function update(request: ResourceRequest, part: Part): Promise<Answer> {
  const { query, served, state, path } = request;
  const dryRun = parseDryRun(query.getAll('dryRun'), 'UpdateOptions');
  const validation = parseFieldValidation(query.get('fieldValidation'), 'UpdateOptions');
  const decoded = decodeBody(request.body, request.contentType, served.kind.kind);
  const object = decodeObject(decoded, served, state.registry, validation, request.warn);
  checkName(object, path.name ?? '');
  checkNamespace(object, path.namespace);
  const entry = state.store.latest(request.resource, path.namespace, path.name ?? '');
  if (!entry) {
    if (part === 'main' && CREATE_ON_UPDATE.has(request.resource)) return create(request);
    throw notFound(served.resource, path.name ?? '');
  }
  checkUid(request, entry, object);
  return finish(request, entry, toStorage(request, object), part, dryRun);
}

/** A PUT is meant for the object it names, not for one made again under its name. */
function checkUid({ served }: ResourceRequest, entry: Entry, wanted: KubeObject): void {
  const { uid } = wanted.metadata;
  const { uid: stored, name, namespace } = entry.object.metadata;
  if (!uid || uid === stored) return;
  const key = ['/registry', storagePath(served.kind), namespace, name].filter((part) => part !== undefined);
  const failed = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${stored}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key.join('/')}, ResourceVersion: 0, AdditionalErrorMsg: ${failed}`;
  throw conflict(served.resource, name, why);
}

/** Where a real server keeps a kind in etcd, which its messages tell. */
function storagePath({ plural, group }: Kind): string {
  const special: Readonly<Record<string, string>> = {
    services: 'services/specs',
    endpoints: 'services/endpoints',
    nodes: 'minions',
    ingresses: 'ingress',
  };
  return (
    special[plural] ?? (/^(crd\.projectcalico\.org|metallb\.io)$/.test(group) ? `${group}/${plural}` : plural)
  );
}

/** Updates, stores unless dry, and answers. */
export async function finish(
  request: ResourceRequest,
  entry: Entry,
  wanted: KubeObject,
  part: Part,
  dryRun: boolean,
): Promise<Answer> {
  const encode = encodeOptions(request);
  const { served } = request;
  const object = prepareUpdate(request, entry, wanted, part);
  if (dryRun) return encodeObject(asServed(request, object), served, encode);
  const stored = await storeUpdate(request, entry, object);
  return encodeEntry(stored, served, encode);
}

/**
 * Turns what a client wants into what is stored: keeps what it may not change, validates.
 * @throws StatusError 409, 422
 */
export function prepareUpdate(
  request: ResourceRequest,
  entry: Entry,
  wanted: KubeObject,
  part: Part,
): KubeObject {
  const { served, state } = request;
  const { kind } = served;
  const old = entry.copy();
  checkRevision(request, entry, wanted);
  const object = merge(old, wanted, part, kind.subresources.includes('status'));
  if (part === 'finalize') return object;
  const context = kindContext(state);
  const errors: FieldError[] = [];
  // A patch is made of the stored object and so carries its resourceVersion.
  if (request.method === 'PUT' && !wanted.metadata.resourceVersion && kind.conditionalUpdate)
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'metadata.resourceVersion',
      message: 'Invalid value: 0x0: must be specified for an update',
    });
  if (part === 'status') {
    kind.prepareForStatusUpdate?.(object, old, context);
    errors.push(...(kind.validateStatusUpdate?.(object, old, context) ?? []));
  } else {
    kind.defaults?.(object);
    kind.prepareForUpdate?.(object, old, context);
    errors.push(...(kind.validateUpdate?.(object, old, context) ?? []));
  }
  if (errors.length > 0) throw invalid(served.groupKind, object.metadata.name, errors);
  if (part === 'main') for (const warning of kind.warnings?.(object) ?? []) request.warn(warning);
  kind.prepareForStorage?.(object);
  return object;
}

function merge(old: KubeObject, wanted: KubeObject, part: Part, hasStatus: boolean): KubeObject {
  const metadata = { ...wanted.metadata };
  for (const field of [
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'resourceVersion',
  ]) {
    delete metadata[field];
    if (old.metadata[field] !== undefined) metadata[field] = old.metadata[field];
  }
  // Another uid is left for the validation to refuse.
  if (!metadata.uid && old.metadata.uid !== undefined) metadata.uid = old.metadata.uid;
  if (old.metadata.namespace !== undefined) metadata.namespace = old.metadata.namespace;
  if (part === 'main') {
    const { status: _status, ...rest } = wanted;
    if (!hasStatus) return { ...wanted, metadata };
    return { ...rest, metadata, ...(old.status === undefined ? {} : { status: old.status }) } as KubeObject;
  }
  if (part === 'status')
    return { ...old, metadata, ...(wanted.status === undefined ? {} : { status: wanted.status }) };
  const spec = {
    ...(old.spec as object),
    finalizers: (wanted.spec as { finalizers?: unknown } | undefined)?.finalizers,
  };
  return { ...old, spec };
}

function checkRevision({ served }: ResourceRequest, entry: Entry, wanted: KubeObject): void {
  const { name } = entry.object.metadata;
  const { resourceVersion } = wanted.metadata;
  if (resourceVersion && !/^\d+$/.test(resourceVersion))
    throw unclassified(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  if (resourceVersion && resourceVersion !== '0' && Number(resourceVersion) !== entry.revision)
    throw conflict(
      served.resource,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
}

/**
 * Stores an update. One that changes nothing is not written; one that takes the last finalizer off an object
 * marked for deletion deletes it.
 */
export async function storeUpdate(
  { state, resource }: ResourceRequest,
  entry: Entry,
  object: KubeObject,
): Promise<Entry> {
  const plain = JSON.parse(JSON.stringify(object)) as KubeObject;
  if (isGone(plain)) return state.store.remove(resource, plain);
  if (isDeepStrictEqual(plain, entry.object)) {
    // The writer may answer only once what it saw is on disk.
    return state.store.settled(resource, entry);
  }
  return state.store.put(resource, plain);
}

/** Marked for deletion, no grace left, and nobody's finalizer on it. */
export function isGone({ metadata, kind, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0) return false;
  if (kind === 'Namespace')
    return ((spec as { finalizers?: unknown[] } | undefined)?.finalizers ?? []).length === 0;
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

export function checkName(object: KubeObject, name: string): void {
  const given = object.metadata.name;
  if (given === '')
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
