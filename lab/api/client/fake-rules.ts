import type { ApiObject } from '../objects/index.ts';
import { matches, parseSelector } from '../selectors.ts';
import { ApiError } from './api-error.ts';
import type { DeleteOptions, ListOptions } from './client.ts';
import { apiVersionOf, type ResourceRef } from './resources.ts';

export type Stored = ApiObject & { spec?: Record<string, unknown>; status?: unknown };

/** Kinds whose status can be written only through the subresource. */
export const WITH_STATUS = new Set([
  'pods',
  'nodes',
  'namespaces',
  'services',
  'deployments.apps',
  'replicasets.apps',
  'daemonsets.apps',
  'persistentvolumes',
  'persistentvolumeclaims',
  'ingresses.networking.k8s.io',
]);
/** Kinds without metadata.generation, as in the real server. */
export const WITHOUT_GENERATION = new Set([
  'pods',
  'nodes',
  'namespaces',
  'services',
  'endpoints',
  'events',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'leases.coordination.k8s.io',
]);
export const DEFAULT_GRACE_SECONDS = 30;

/** A copy of what came as JSON or could go as it; structuredClone would take most of a test's time. */
export function copy<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copied[key] = copy((value as Record<string, unknown>)[key]);
  return copied as T;
}

export function refusal(code: number, reason: string, message: string): ApiError {
  return new ApiError({ kind: 'Status', status: 'Failure', code, reason, message });
}

/** Fills in kind and apiVersion, which a client may leave out. */
export function typed(ref: ResourceRef, object: Stored): Stored {
  if ('kind' in ref) object.kind = String(ref.kind);
  object.apiVersion = apiVersionOf(ref);
  return object;
}

/** All of an object but metadata and status: a change of it is a new generation. */
export function body({ metadata: _metadata, status: _status, ...rest }: Stored): unknown {
  return rest;
}

export function restoreStatus(object: Stored, old: Stored): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

export function gracePeriod(ref: ResourceRef, object: Stored, options: DeleteOptions): number {
  if (ref.plural !== 'pods') return 0;
  const { spec, status, metadata } = object;
  const phase = (status as { phase?: string } | undefined)?.phase;
  if (!spec?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
  const wanted = options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return metadata.deletionTimestamp
    ? Math.min(Number(wanted), metadata.deletionGracePeriodSeconds ?? Number(wanted))
    : Number(wanted);
}

/** Whether nothing holds an object any more whose deletion has been asked for. */
export function isFinished(ref: ResourceRef, object: Stored): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return false;
  if (ref.plural === 'namespaces') return ((object.spec?.finalizers as unknown[]) ?? []).length === 0;
  return (object.metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

export function selection(options: ListOptions): (object: ApiObject) => boolean {
  const labels = parseSelector(options.labelSelector ?? '');
  const fields = parseSelector(options.fieldSelector ?? '');
  return (object) =>
    (options.namespace === undefined || object.metadata.namespace === options.namespace) &&
    matches(labels, object.metadata.labels) &&
    fields.every(({ key, operator, values }) => {
      const found = key
        .split('.')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], object);
      return values.includes(String(found ?? '')) === (operator === 'In');
    });
}
