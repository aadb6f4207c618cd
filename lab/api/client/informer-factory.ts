import type { ApiObject } from '../objects/index.ts';
import type { ApiClient } from './client.ts';
import type { Clock } from './clock.ts';
import { type Informer, informer } from './informer.ts';
import { type KnownResource, type ResourceRef, resourceKey } from './resources.ts';

/** One informer per kind, shared by all controllers of a process. */
export interface InformerFactory {
  /** The informer of a kind, started when it is first asked for. */
  of<T extends ApiObject>(ref: KnownResource): Informer<T>;
  /** The informer, if somebody has asked for it. */
  existing<T extends ApiObject>(ref: ResourceRef): Informer<T> | undefined;
  /** Resolves when every informer asked for so far has listed. */
  synced(): Promise<void>;
  stop(): void;
}

export interface InformerFactoryOptions {
  readonly clock?: Clock;
  readonly onError?: (resource: string, error: unknown) => void;
}

export function informerFactory(client: ApiClient, options: InformerFactoryOptions = {}): InformerFactory {
  const informers = new Map<string, Informer<ApiObject>>();
  return {
    of<T extends ApiObject>(ref: KnownResource): Informer<T> {
      const key = resourceKey(ref);
      let found = informers.get(key);
      if (!found) {
        found = informer<ApiObject>(client, ref, {
          transform: (object) => slim(object, ref),
          onError: (error) => options.onError?.(key, error),
          ...(options.clock ? { clock: options.clock } : {}),
        });
        informers.set(key, found);
      }
      return found as unknown as Informer<T>;
    },
    existing: <T extends ApiObject>(ref: ResourceRef) =>
      informers.get(resourceKey(ref)) as unknown as Informer<T> | undefined,
    async synced() {
      await Promise.all([...informers.values()].map((one) => one.synced));
    },
    stop() {
      for (const one of informers.values()) one.stop();
    },
  };
}

/** Items of a list carry neither kind nor apiVersion; managedFields are of no use here and the larger half of an object. */
function slim(object: ApiObject, ref: KnownResource): ApiObject {
  const { managedFields: _dropped, ...metadata } = object.metadata as ApiObject['metadata'] & {
    managedFields?: unknown;
  };
  const apiVersion = ref.group === '' ? ref.version : `${ref.group}/${ref.version}`;
  return { ...object, apiVersion, kind: ref.kind, metadata };
}
