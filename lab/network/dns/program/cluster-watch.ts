import {
  type ApiClient,
  type Clock,
  ENDPOINT_SLICES,
  type Informer,
  informer,
  NAMESPACES,
  PODS,
  SERVICES,
} from '../../../api/client/index.ts';
import type { ApiObject, EndpointSlice, Namespace, Pod } from '../../../api/objects/index.ts';
import {
  type ClusterData,
  type DnsService,
  POD_INDEXES,
  SERVICE_INDEXES,
  SLICE_INDEXES,
} from '../zone/index.ts';

export interface ClusterWatchOptions {
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Pods are many and change often: only where `pods verified` needs them. */
  readonly withPods: boolean;
}

/** Keeps names, versions and labels: annotations and managedFields are the larger part of most objects. */
function metadataOf({ metadata }: ApiObject): ApiObject['metadata'] {
  const { name, namespace, uid, resourceVersion, labels } = metadata;
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(labels !== undefined && { labels }),
  };
}

/** The cluster's objects, as the API tells them. Answers read the informers' stores, so a change is in force at once. */
export class ClusterWatch implements ClusterData {
  readonly namespaces: Informer<Namespace>;
  readonly services: Informer<DnsService>;
  readonly slices: Informer<EndpointSlice>;
  readonly pods: Informer<Pod> | undefined;
  readonly synced: Promise<void>;
  /** Seconds since 1970 of the last change to a service, an endpoint or a namespace. */
  serial: number;

  constructor(client: ApiClient, { clock, onError, withPods }: ClusterWatchOptions) {
    const common = { clock, onError };
    this.namespaces = informer<Namespace>(client, NAMESPACES, {
      ...common,
      transform: (object) => ({ metadata: metadataOf(object) }),
    });
    this.services = informer<DnsService>(client, SERVICES, {
      ...common,
      indexes: SERVICE_INDEXES,
      transform: (object) => ({ metadata: metadataOf(object), spec: object.spec ?? {} }),
    });
    this.slices = informer<EndpointSlice>(client, ENDPOINT_SLICES, {
      ...common,
      indexes: SLICE_INDEXES,
      transform: ({ addressType, endpoints, ports, ...object }) => ({
        metadata: metadataOf(object),
        addressType,
        endpoints: endpoints ?? [],
        ports: ports ?? [],
      }),
    });
    this.pods = withPods
      ? informer<Pod>(client, PODS, {
          ...common,
          indexes: POD_INDEXES,
          transform: ({ status, ...object }) => ({
            metadata: metadataOf(object),
            spec: { containers: [] },
            status: { podIP: status?.podIP ?? '', podIPs: status?.podIPs ?? [] },
          }),
        })
      : undefined;
    const seconds = () => Math.floor(clock.now() / 1000);
    this.serial = seconds();
    const changed = () => {
      this.serial = seconds();
    };
    const handler = { add: changed, update: changed, delete: changed };
    this.namespaces.on(handler);
    this.services.on(handler);
    this.slices.on(handler);
    this.synced = Promise.all(this.#all.map((one) => one.synced)).then(() => {});
  }

  get isSynced(): boolean {
    return this.#all.every((one) => one.isSynced);
  }

  stop(): void {
    for (const one of this.#all) one.stop();
  }

  get #all(): readonly { readonly synced: Promise<void>; readonly isSynced: boolean; stop(): void }[] {
    return [this.namespaces, this.services, this.slices, ...(this.pods ? [this.pods] : [])];
  }
}
