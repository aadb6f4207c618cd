import {
  type ApiClient,
  ENDPOINT_SLICES,
  isNamespaceTerminating,
  isNotFound,
} from '../../../api/client/index.ts';
import type { ApiObject, EndpointSlice } from '../../../api/objects/index.ts';
import { controllerReference } from '../../../api/owners.ts';
import type { SliceFrame, SlicePlan } from './fit.ts';

export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** Carries a plan out, all writes at once: the slices of a service do not depend on each other. */
export async function writeSlices(
  client: ApiClient,
  plan: SlicePlan,
  frame: SliceFrame,
  owner: ApiObject,
  ownerKind: 'Service' | 'Endpoints',
): Promise<void> {
  const { name = '', namespace = '' } = owner.metadata;
  const creates = plan.create.map(({ endpoints, ports }) =>
    client.create<EndpointSlice>(ENDPOINT_SLICES, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        namespace,
        labels: { ...frame.labels },
        annotations: { ...frame.annotations },
        ownerReferences: [controllerReference(owner, ownerKind, 'v1')],
      },
      addressType: 'IPv4',
      endpoints,
      ports,
    }),
  );
  const updates = plan.update.map((slice) => client.update<EndpointSlice>(ENDPOINT_SLICES, slice));
  const deletes = plan.delete.map((slice) => deleteSlice(client, slice));
  const results = await Promise.allSettled([...creates, ...updates, ...deletes]);
  for (const result of results) {
    if (result.status === 'rejected' && !isNamespaceTerminating(result.reason)) throw result.reason;
  }
}

/** Deletes a slice; one that has gone already is fine. */
export async function deleteSlice(client: ApiClient, { metadata }: EndpointSlice): Promise<void> {
  const { name = '', namespace, uid } = metadata;
  try {
    await client.delete(ENDPOINT_SLICES, name, namespace, { uid });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
