import {
  badRequest,
  conflict,
  type FieldError,
  forbidden,
  type KubeObject,
  notFound,
  unclassified,
} from '../../registry/index.ts';
import { Entry } from '../../store/index.ts';
import { type ResourceRequest, timestamp } from '../context.ts';
import { decodeBody } from '../decode/body.ts';
import { type Answer, jsonAnswer } from '../output/answer.ts';
import { encodeEntry, encodeList, encodeObject } from '../output/encode.ts';
import { isObject } from '../patch/merge.ts';
import { type ListOptions, select } from './list-options.ts';
import { invalidOptions, parseDryRun, parseFlag, parseInteger } from './options.ts';
import { encodeOptions } from './read.ts';
import { isGone } from './update.ts';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
}

/** Resources that answer a deletion with the object (ReturnDeletedObject); others with a Status. */
const RETURN_OBJECT = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
]);

/** Namespaces that may not be deleted. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

export async function remove(request: ResourceRequest): Promise<Answer> {
  const { state, resource, path, served } = request;
  const options = parseDeleteOptions(request);
  const name = path.name ?? '';
  if (resource === 'namespaces' && IMMORTAL.has(name))
    throw forbidden(served.resource, name, 'this namespace may not be deleted');
  const entry = state.store.latest(resource, path.namespace, name);
  if (!entry) throw notFound(served.resource, name);
  const encode = encodeOptions(request);
  const { object, removed } = await removeEntry(request, entry, options);
  if (removed && !RETURN_OBJECT.has(resource)) return jsonAnswer(success(request, entry.object));
  if (object instanceof Entry) return encodeEntry(object, served, encode);
  return encodeObject(object, served, encode);
}

export async function removeCollection(request: ResourceRequest, listOptions: ListOptions): Promise<Answer> {
  const { state, resource, path, served } = request;
  const options = parseDeleteOptions(request);
  const encode = encodeOptions(request);
  const resourceVersion = String(state.store.revision);
  const entries = select(state.store.list(resource, path.namespace), listOptions.matches);
  await Promise.all(
    entries.map(async (listed) => {
      const { name, namespace } = listed.object.metadata;
      const entry = state.store.latest(resource, namespace, name);
      if (entry) await removeEntry(request, entry, options);
    }),
  );
  return encodeList(entries, { resourceVersion }, served, encode);
}

interface Removal {
  /** What is to be shown: a committed entry, or with dry run what would have been. */
  readonly object: Entry | KubeObject;
  readonly removed: boolean;
}

/**
 * Deletes, or marks for deletion: grace first (pods), then finalizers, then the object is gone (rest.BeforeDelete).
 * @throws StatusError 409 when a precondition does not hold
 */
export async function removeEntry(
  request: ResourceRequest,
  entry: Entry,
  options: DeleteOptions,
): Promise<Removal> {
  const { state, resource, served } = request;
  const old = entry.object;
  checkPreconditions(served.kind.kind, old, options);
  const object = entry.copy();
  object.metadata.finalizers = finalizersFor(old, options);
  if (object.metadata.finalizers.length === 0) delete object.metadata.finalizers;
  const grace = graceOf(request, old, options);
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined) {
    const now = state.now();
    metadata.deletionTimestamp = timestamp(new Date(now.getTime() + grace * 1000));
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation !== undefined && metadata.generation > 0) metadata.generation++;
    if (resource === 'namespaces') {
      object.status = { ...(object.status as object), phase: 'Terminating' };
      delete metadata.deletionGracePeriodSeconds;
    }
  } else if (grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    // A shorter grace than before counts from the first deletion.
    const first = Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
    metadata.deletionTimestamp = timestamp(new Date(first + grace * 1000));
    metadata.deletionGracePeriodSeconds = grace;
  }
  if (isGone(object)) {
    if (options.dryRun) return { object: old, removed: true };
    await state.store.remove(resource, old);
    return { object: old, removed: true };
  }
  if (options.dryRun) return { object, removed: false };
  if (JSON.stringify(object) === JSON.stringify(entry.copy()))
    return { object: await state.store.settled(resource, entry), removed: false };
  return { object: await state.store.put(resource, object), removed: false };
}

function graceOf({ served, resource }: ResourceRequest, object: KubeObject, options: DeleteOptions): number {
  const usual = served.kind.gracePeriodSeconds?.(object) ?? 0;
  if (usual === 0 || (resource === 'pods' && !runs(object))) return 0;
  const asked = options.gracePeriodSeconds ?? object.metadata.deletionGracePeriodSeconds ?? usual;
  return asked < 0 ? 1 : asked;
}

/** A pod that was never given a node, or has ended, has nobody to end it gracefully (podStrategy.CheckGracefulDelete). */
function runs({ spec, status }: KubeObject): boolean {
  const { nodeName } = (spec ?? {}) as { nodeName?: string };
  const { phase } = (status ?? {}) as { phase?: string };
  return Boolean(nodeName) && phase !== 'Succeeded' && phase !== 'Failed';
}

function finalizersFor(object: KubeObject, options: DeleteOptions): string[] {
  const policy =
    options.propagationPolicy ??
    (options.orphanDependents === undefined ? undefined : options.orphanDependents ? 'Orphan' : 'Background');
  const finalizers = object.metadata.finalizers ?? [];
  if (policy === undefined) return [...finalizers];
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Foreground') return [...others, 'foregroundDeletion'];
  return policy === 'Orphan' ? [...others, 'orphan'] : others;
}

function checkPreconditions(kind: string, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const refuse = (what: string, wanted: string, stored: string): Error =>
    conflict(
      { group: '', name: kind },
      metadata.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${stored}). The object might have been ${what === 'UID' ? 'deleted and then recreated' : 'modified'}`,
    );
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== metadata.uid) throw refuse('UID', uid, metadata.uid ?? '');
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw refuse('ResourceVersion', resourceVersion, metadata.resourceVersion ?? '');
}

function success({ served }: ResourceRequest, { metadata }: KubeObject): unknown {
  const { group, name: plural } = served.resource;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group === '' ? {} : { group }), kind: plural, uid: metadata.uid },
  };
}

/** Reads DeleteOptions from the body, or without one from the query. @throws StatusError 400, 422 */
export function parseDeleteOptions(request: ResourceRequest): DeleteOptions {
  const { query, body, contentType } = request;
  if (body.length > 0) return fromBody(decodeBody(body, contentType, 'DeleteOptions').value, query);
  const gracePeriodSeconds = parseInteger(query.get('gracePeriodSeconds'));
  const propagationPolicy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  return validated({
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === null ? {} : { propagationPolicy }),
    ...(orphan === null ? {} : { orphanDependents: parseFlag(orphan) }),
    dryRun: parseDryRun(query.getAll('dryRun'), 'DeleteOptions'),
  });
}

export function fromBody(value: unknown, query: URLSearchParams): DeleteOptions {
  const given = isObject(value) ? value : {};
  const { kind, apiVersion } = given;
  if (kind !== undefined && kind !== 'DeleteOptions')
    throw unclassified(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')} in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`,
    );
  const bad = (field: string): Error =>
    badRequest(
      `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal Go struct field DeleteOptions.${field}`,
    );
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = given;
  if (gracePeriodSeconds != null && !Number.isSafeInteger(gracePeriodSeconds))
    throw bad('gracePeriodSeconds');
  if (propagationPolicy != null && typeof propagationPolicy !== 'string') throw bad('propagationPolicy');
  if (orphanDependents != null && typeof orphanDependents !== 'boolean') throw bad('orphanDependents');
  if (preconditions != null && !isObject(preconditions)) throw bad('preconditions');
  if (dryRun != null && !Array.isArray(dryRun)) throw bad('dryRun');
  const dry = [...((dryRun as unknown[] | undefined) ?? []).map(String), ...query.getAll('dryRun')];
  return validated({
    ...(gracePeriodSeconds == null ? {} : { gracePeriodSeconds: gracePeriodSeconds as number }),
    ...(propagationPolicy == null ? {} : { propagationPolicy: propagationPolicy as string }),
    ...(orphanDependents == null ? {} : { orphanDependents: orphanDependents as boolean }),
    ...(preconditions == null ? {} : { preconditions: textFields(preconditions) }),
    dryRun: parseDryRun(dry, 'DeleteOptions'),
  });
}

function textFields(preconditions: Record<string, unknown>): { uid?: string; resourceVersion?: string } {
  const { uid, resourceVersion } = preconditions;
  return {
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
  };
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

function validated(options: DeleteOptions): DeleteOptions {
  const { propagationPolicy, orphanDependents } = options;
  const errors: FieldError[] = [];
  if (propagationPolicy !== undefined && orphanDependents !== undefined)
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy))
    errors.push({
      reason: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(propagationPolicy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  return options;
}
