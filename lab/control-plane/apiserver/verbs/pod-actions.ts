import {
  badRequest,
  conflict,
  type FieldError,
  invalid,
  type KubeObject,
  notFound,
} from '../../registry/index.ts';
import type { Entry } from '../../store/index.ts';
import { type ResourceRequest, timestamp } from '../context.ts';
import { decodeKind } from '../decode/body.ts';
import { type Answer, jsonAnswer } from '../output/answer.ts';
import { isObject } from '../patch/merge.ts';
import { fromBody, removeEntry } from './delete.ts';
import { parseDryRun } from './options.ts';

const CREATED = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST of a `Binding`: what a scheduler does. Without a name in the path (`…/bindings`) the object names the pod. */
export async function bind(request: ResourceRequest): Promise<Answer> {
  const { state, query } = request;
  const dryRun = parseDryRun(query.getAll('dryRun'), 'CreateOptions');
  const binding = decodeKind(request.body, request.contentType, 'Binding');
  const metadata = isObject(binding.metadata) ? binding.metadata : {};
  const target = isObject(binding.target) ? binding.target : {};
  const name = request.path.name ?? String(metadata.name ?? '');
  checkTarget(name, target);
  const entry = pod(request, name);
  const object = entry.copy();
  const spec = object.spec as { nodeName?: string };
  if (spec.nodeName)
    throw conflict(
      { group: '', name: 'pods/binding' },
      name,
      `pod ${name} is already assigned to node "${spec.nodeName}"`,
    );
  if (object.metadata.deletionTimestamp !== undefined)
    throw conflict(
      { group: '', name: 'pods/binding' },
      name,
      `pod ${name} is being deleted, cannot be assigned to a host`,
    );
  if (metadata.uid && metadata.uid !== object.metadata.uid)
    throw conflict(
      { group: '', name: 'pods/binding' },
      name,
      `Precondition failed: UID in precondition: ${String(metadata.uid)}, UID in object meta: ${object.metadata.uid}`,
    );
  spec.nodeName = String(target.name);
  if (isObject(metadata.annotations))
    object.metadata.annotations = {
      ...object.metadata.annotations,
      ...(metadata.annotations as Record<string, string>),
    };
  scheduled(object, timestamp(state.now()));
  if (!dryRun) await state.store.put('pods', object);
  return jsonAnswer(CREATED, 201);
}

function checkTarget(name: string, target: Record<string, unknown>): void {
  const errors: FieldError[] = [];
  if (target.kind !== undefined && target.kind !== '' && target.kind !== 'Node')
    errors.push({
      reason: 'FieldValueNotSupported',
      field: 'target.kind',
      message: `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`,
    });
  if (typeof target.name !== 'string' || target.name === '')
    errors.push({ reason: 'FieldValueRequired', field: 'target.name', message: 'Required value' });
  if (errors.length > 0) throw invalid({ group: '', name: 'Binding' }, name, errors);
}

interface Condition {
  readonly type: string;
  readonly [field: string]: unknown;
}

function scheduled(object: KubeObject, now: string): void {
  const status = (object.status ?? {}) as { conditions?: Condition[] };
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  object.status = { ...status, conditions: [...others, condition] };
}

/** POST of a `policy/v1` Eviction; there are no disruption budgets to ask. */
export async function evict(request: ResourceRequest): Promise<Answer> {
  const { query } = request;
  const dryRun = parseDryRun(query.getAll('dryRun'), 'CreateOptions');
  const eviction = decodeKind(request.body, request.contentType, 'Eviction');
  const name = request.path.name ?? '';
  const given = isObject(eviction.metadata) ? eviction.metadata.name : undefined;
  if (typeof given === 'string' && given !== '' && given !== name)
    throw badRequest('name in URL does not match name in Eviction object');
  const entry = pod(request, name);
  const options = fromBody(isObject(eviction.deleteOptions) ? eviction.deleteOptions : {}, query);
  await removeEntry(request, entry, { ...options, dryRun: dryRun || options.dryRun });
  return jsonAnswer(CREATED, 201);
}

function pod({ state, path, served }: ResourceRequest, name: string): Entry {
  const entry = state.store.latest('pods', path.namespace, name);
  if (!entry) throw notFound(served.resource, name);
  return entry;
}
