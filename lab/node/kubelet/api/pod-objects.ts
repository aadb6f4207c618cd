import {
  type ApiClient,
  CONFIG_MAPS,
  type Informer,
  informer,
  isNotFound,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  SECRETS,
  SERVICES,
} from '../../../api/client/index.ts';
import type {
  ConfigMap,
  PersistentVolume,
  PersistentVolumeClaim,
  Service,
} from '../../../api/objects/index.ts';
import type { Pod } from '../../runtime/index.ts';
import type { Clock } from '../backoff.ts';
import type { PodObjects } from '../context.ts';
import {
  type DataKind,
  envReferences,
  type ObjectData,
  objectData,
  type ServiceFacts,
} from '../env/index.ts';
import { volumeReferences } from '../volumes/index.ts';
import { podTokens } from './pod-tokens.ts';

const REFS = { configmap: CONFIG_MAPS, secret: SECRETS } as const;

interface Followed {
  readonly informer: Informer<ConfigMap>;
  readonly listeners: Set<() => void>;
  /** Resolves when the object could not be listed: whoever waits for it is to hear why. */
  readonly failed: Promise<void>;
}

function serviceFacts({ metadata, spec }: Service): ServiceFacts {
  return {
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    clusterIP: spec.clusterIP ?? '',
    ports: (spec.ports ?? []).map(({ name, port, protocol }) => ({
      port,
      ...(name ? { name } : {}),
      ...(protocol ? { protocol } : {}),
    })),
  };
}

/** The objects that pods refer to, read from the API server when they are needed, and watched one by one. */
export function podObjects(client: ApiClient, clock: Clock): PodObjects {
  const tokens = podTokens(client, clock);
  const followed = new Map<string, Followed>();
  const services = informer<Service>(client, SERVICES, {
    // Only what variables are made of.
    transform: ({ metadata, spec }) => ({
      metadata: {
        ...(metadata.name ? { name: metadata.name } : {}),
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        ...(metadata.uid ? { uid: metadata.uid } : {}),
        ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
      },
      spec: { ...(spec.clusterIP ? { clusterIP: spec.clusterIP } : {}), ports: spec.ports ?? [] },
    }),
  });

  async function read(kind: DataKind, namespace: string, name: string): Promise<ObjectData | undefined> {
    try {
      return objectData(kind, await client.get<ConfigMap>(REFS[kind], name, namespace));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** What the watch has brought, as soon as it has listed. One that it does not have may have been made a moment ago. */
  async function watched(
    { informer: live, failed }: Followed,
    kind: DataKind,
    namespace: string,
    name: string,
  ) {
    if (!live.isSynced) await Promise.race([live.synced, failed]);
    const object = live.isSynced ? live.get(name, namespace) : undefined;
    return object === undefined ? read(kind, namespace, name) : objectData(kind, object);
  }

  function followOne(kind: DataKind, namespace: string, name: string, listener: () => void): () => void {
    const key = `${kind}/${namespace}/${name}`;
    let entry = followed.get(key);
    if (entry === undefined) {
      const listeners = new Set<() => void>();
      let fail = () => {};
      const failed = new Promise<void>((resolve) => {
        fail = resolve;
      });
      const live = informer<ConfigMap>(client, REFS[kind], {
        namespace,
        fieldSelector: `metadata.name=${name}`,
        onError: () => fail(),
      });
      const tell = () => {
        for (const act of listeners) act();
      };
      live.on({ add: tell, update: tell, delete: tell });
      entry = { informer: live, listeners, failed };
      followed.set(key, entry);
    }
    const { listeners, informer: live } = entry;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      live.stop();
      followed.delete(key);
    };
  }

  return {
    ...tokens,
    ready: services.synced,
    get: (kind, namespace, name) => {
      const entry = followed.get(`${kind}/${namespace}/${name}`);
      return entry === undefined ? read(kind, namespace, name) : watched(entry, kind, namespace, name);
    },
    claim: (namespace, name) => client.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, name, namespace),
    volume: (name) => client.get<PersistentVolume>(PERSISTENT_VOLUMES, name),
    services: () => (services.isSynced ? services.list().map(serviceFacts) : undefined),
    follow(pod: Pod, listener: () => void) {
      const { volumes = [], containers, initContainers = [] } = pod.spec;
      const references = [
        ...volumeReferences(volumes),
        ...[...containers, ...initContainers].flatMap((container) => envReferences(container)),
      ];
      const names = new Map(
        references.map((reference) => [`${reference.kind}/${reference.name}`, reference]),
      );
      const ends = [...names.values()].map(({ kind, name }) =>
        followOne(kind, pod.metadata.namespace, name, listener),
      );
      return () => {
        for (const end of ends) end();
      };
    },
  };
}
