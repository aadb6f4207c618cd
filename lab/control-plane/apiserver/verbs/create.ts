import { randomUUID } from 'node:crypto';
import {
  alreadyExists,
  badRequest,
  type FieldError,
  invalid,
  type KubeObject,
  unclassified,
} from '../../registry/index.ts';
import { admitCreate } from '../admission.ts';
import { kindContext, type ResourceRequest } from '../context.ts';
import { decodeBody } from '../decode/body.ts';
import { decodeObject } from '../decode/object.ts';
import type { Answer } from '../output/answer.ts';
import { encodeEntry, encodeObject } from '../output/encode.ts';
import { parseDryRun, parseFieldValidation } from './options.ts';
import { encodeOptions } from './read.ts';

export async function create(request: ResourceRequest): Promise<Answer> {
  const { query, served, state, body, contentType } = request;
  const dryRun = parseDryRun(query.getAll('dryRun'), 'CreateOptions');
  const validation = parseFieldValidation(query.get('fieldValidation'), 'CreateOptions');
  const decoded = decodeBody(body, contentType, served.kind.kind);
  const given = decodeObject(decoded, served, state.registry, validation, request.warn);
  const encode = encodeOptions(request);
  const object = prepareCreate(request, given);
  if (dryRun) return encodeObject(asServed(request, object), served, encode, 201);
  const entry = await state.store.put(request.resource, object);
  return encodeEntry(entry, served, encode, 201);
}

/**
 * Makes a decoded object ready for the store: names, admission, defaults, allocation, validation.
 * @returns the object in the storage version
 * @throws StatusError
 */
export function prepareCreate(request: ResourceRequest, given: KubeObject): KubeObject {
  const { path, served, state, resource } = request;
  checkNamespace(given, path.namespace);
  // The unclassified 500 that etcd3's store gives.
  if (given.metadata.resourceVersion)
    throw unclassified('resourceVersion should not be set on objects to be created');
  const object = served.conversion ? toStorage(request, given) : given;
  const { kind } = served;
  nameObject(request, object);
  if (path.namespace === undefined) delete object.metadata.namespace;
  kind.defaults?.(object);
  admitCreate(request, object);
  const context = kindContext(state);
  object.metadata.uid = randomUUID();
  object.metadata.creationTimestamp = context.now;
  delete object.metadata.deletionTimestamp;
  delete object.metadata.deletionGracePeriodSeconds;
  kind.prepareForCreate?.(object, context);
  const errors: FieldError[] = [];
  if (object.metadata.name === '')
    errors.push({
      reason: 'FieldValueRequired',
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
    });
  for (const error of kind.validate?.(object, context) ?? [])
    if (!(object.metadata.name === '' && error.field === 'metadata.name')) errors.push(error);
  if (errors.length > 0) throw invalid(served.groupKind, object.metadata.name, errors);
  for (const warning of kind.warnings?.(object) ?? []) request.warn(warning);
  if (state.store.latest(resource, object.metadata.namespace, object.metadata.name))
    throw alreadyExists(served.resource, object.metadata.name);
  kind.prepareForStorage?.(object);
  return object;
}

/** The object as the version of the request shows it, for answers to dry runs. */
export function asServed({ served }: ResourceRequest, object: KubeObject): KubeObject {
  return served.conversion ? served.conversion.fromStorage(structuredClone(object)) : object;
}

export function toStorage({ served }: ResourceRequest, object: KubeObject): KubeObject {
  if (!served.conversion) return object;
  const stored = served.conversion.toStorage(object);
  const { kind } = served;
  stored.apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  stored.kind = kind.kind;
  return stored;
}

/** Characters and lengths of apiserver's SimpleNameGenerator. */
const SUFFIX_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_BASE = 63 - SUFFIX_LENGTH;
const NAME_TRIES = 8;

function nameObject({ state, resource }: ResourceRequest, object: KubeObject): void {
  const { metadata } = object;
  const base = metadata.generateName;
  if (metadata.name !== '' || typeof base !== 'string' || base === '') return;
  for (let tries = 0; tries < NAME_TRIES; tries++) {
    let suffix = '';
    for (let index = 0; index < SUFFIX_LENGTH; index++)
      suffix += SUFFIX_CHARACTERS[Math.floor(state.random() * SUFFIX_CHARACTERS.length)];
    metadata.name = base.slice(0, MAX_GENERATED_BASE) + suffix;
    if (!state.store.latest(resource, metadata.namespace, metadata.name)) return;
  }
}

/** Fills in the path's namespace. @throws StatusError 400 when the object names another one */
export function checkNamespace(object: KubeObject, namespace: string | undefined): void {
  const given = object.metadata.namespace ?? '';
  if (namespace === undefined) return;
  if (given !== '' && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  object.metadata.namespace = namespace;
}
