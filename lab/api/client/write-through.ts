import type { ApiObject, Status } from '../objects/index.ts';
import type { ApiClient } from './client.ts';
import type { InformerFactory } from './informer-factory.ts';
import type { ResourceRef } from './resources.ts';

/**
 * A client whose writes are in the informers as soon as the server has answered. A controller therefore always reads its own
 * writes, which is what client-go's "expectations" are for: no pod is created twice because the watch is behind.
 */
export function writeThrough(client: ApiClient, informers: InformerFactory): ApiClient {
  function seen<T>(ref: ResourceRef, object: T): T {
    const { metadata } = object as unknown as Partial<ApiObject>;
    if (metadata?.uid && metadata.resourceVersion) {
      informers.existing(ref)?.observe(object as unknown as ApiObject);
    }
    return object;
  }

  function deleted(ref: ResourceRef, answer: unknown): unknown {
    const object = (answer ?? {}) as Partial<ApiObject> & Status;
    if (object.kind === 'Status') {
      if (object.details?.uid) informers.existing(ref)?.forget(object.details.uid);
      return answer;
    }
    const { metadata } = object;
    if (!metadata?.uid) return answer;
    const lives = (metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
    if (!lives) informers.existing(ref)?.forget(metadata.uid);
    else if (metadata.deletionTimestamp) seen(ref, object);
    return answer;
  }

  return {
    get: (ref, name, namespace) => client.get(ref, name, namespace),
    list: (ref, options) => client.list(ref, options),
    watch: (ref, options) => client.watch(ref, options),
    deleteCollection: (ref, namespace, options) => client.deleteCollection(ref, namespace, options),
    async create(ref, object, options) {
      const answer = await client.create(ref, object, options);
      return options?.subresource ? answer : seen(ref, answer);
    },
    update: async (ref, object, options) => seen(ref, await client.update(ref, object, options)),
    updateStatus: async (ref, object) => seen(ref, await client.updateStatus(ref, object)),
    patch: async (ref, name, namespace, patch, options) =>
      seen(ref, await client.patch(ref, name, namespace, patch, options)),
    delete: async (ref, name, namespace, options) =>
      deleted(ref, await client.delete(ref, name, namespace, options)),
  };
}
