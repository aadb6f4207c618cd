import {
  type ApiClient,
  CONFIG_MAPS,
  ENDPOINT_SLICES,
  INGRESS_CLASSES,
  INGRESSES,
  type Informer,
  informer,
  SECRETS,
  SERVICES,
} from '../../../api/client/index.ts';
import type { ApiObject, ConfigMap, EndpointSlice } from '../../../api/objects/index.ts';
import type { EndpointSource, Objects } from '../model/index.ts';
import type { Ingress, IngressClass, Secret } from '../objects.ts';
import type { PublishService } from '../status/index.ts';
import type { ObjectName } from './options.ts';

export interface WatchHandler {
  ingressChanged(ingress: Ingress, old: Ingress | undefined): void;
  /** Ingresses, classes, secrets: nginx.conf. */
  changed(): void;
  endpointsChanged(): void;
  serviceChanged(service: PublishService): void;
  configMapChanged(data: Readonly<Record<string, string>>): void;
}

const SERVICE_LABEL = 'kubernetes.io/service-name';
const serviceOf = ({ metadata }: EndpointSlice) =>
  `${metadata.namespace}/${metadata.labels?.[SERVICE_LABEL]}`;

/** managedFields are the larger half of an object, and of no use here. Lists leave out what an object is. */
function slim<T extends ApiObject>(kind: string, apiVersion: string): (object: T) => T {
  return (object) => {
    const { managedFields: _, ...metadata } = object.metadata as Record<string, unknown>;
    return { ...object, kind, apiVersion, metadata };
  };
}

/** Of a secret's data only what an Ingress can ask for: certificates, keys and passwords. Others are kept as a name. */
function slimSecret({ metadata: { name, namespace, uid, resourceVersion }, data }: Secret): Secret {
  const metadata = { name, namespace, uid, resourceVersion } as Secret['metadata'];
  const wanted = ['tls.crt', 'tls.key', 'auth'].filter((key) => data?.[key] !== undefined);
  if (wanted.length === 0) return { metadata };
  return { metadata, data: Object.fromEntries(wanted.map((key) => [key, data?.[key] ?? ''])) };
}

/** The objects of the cluster, followed through the API. */
export class IngressWatch implements Objects, EndpointSource {
  readonly #ingresses: Informer<Ingress>;
  readonly #classes: Informer<IngressClass>;
  readonly #services: Informer<PublishService>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #secrets: Informer<Secret>;
  readonly #configMap: Informer<ConfigMap> | undefined;

  constructor(
    client: ApiClient,
    configMap: ObjectName | undefined,
    onError: (resource: string, error: unknown) => void,
  ) {
    this.#ingresses = informer<Ingress>(client, INGRESSES, {
      transform: slim('Ingress', 'networking.k8s.io/v1'),
      onError: (error) => onError('ingresses', error),
    });
    this.#classes = informer<IngressClass>(client, INGRESS_CLASSES, {
      onError: (error) => onError('ingressclasses', error),
    });
    this.#services = informer<PublishService>(client, SERVICES, {
      transform: slim('Service', 'v1'),
      onError: (error) => onError('services', error),
    });
    this.#slices = informer<EndpointSlice>(client, ENDPOINT_SLICES, {
      transform: slim('EndpointSlice', 'discovery.k8s.io/v1'),
      indexes: { service: (slice) => [serviceOf(slice)] },
      onError: (error) => onError('endpointslices', error),
    });
    this.#secrets = informer<Secret>(client, SECRETS, {
      transform: slimSecret,
      onError: (error) => onError('secrets', error),
    });
    this.#configMap =
      configMap &&
      informer<ConfigMap>(client, CONFIG_MAPS, {
        namespace: configMap.namespace,
        fieldSelector: `metadata.name=${configMap.name}`,
        onError: (error) => onError('configmaps', error),
      });
  }

  /** Resolves when everything has been listed once. */
  async synced(): Promise<void> {
    await Promise.all(this.#all().map((one) => one.synced));
  }

  follow(handler: WatchHandler): void {
    this.#ingresses.on({
      add: (one) => handler.ingressChanged(one, undefined),
      update: (one, old) => handler.ingressChanged(one, old),
      delete: () => handler.changed(),
    });
    const changed = () => handler.changed();
    this.#classes.on({ add: changed, update: changed, delete: changed });
    const secret = (one: Secret, old?: Secret) => {
      if (one.data || old?.data) handler.changed();
    };
    this.#secrets.on({ add: secret, update: secret, delete: secret });
    const endpoints = () => handler.endpointsChanged();
    this.#slices.on({ add: endpoints, update: endpoints, delete: endpoints });
    const service = (one: PublishService) => {
      handler.endpointsChanged();
      handler.serviceChanged(one);
    };
    this.#services.on({ add: service, update: service, delete: service });
    const configMap = ({ data }: ConfigMap) => handler.configMapChanged(data ?? {});
    this.#configMap?.on({ add: configMap, update: configMap, delete: () => handler.configMapChanged({}) });
  }

  get ingresses(): readonly Ingress[] {
    return this.#ingresses.list();
  }

  ingress(key: string): Ingress | undefined {
    return this.#ingresses.getByKey(key);
  }

  get classes(): readonly IngressClass[] {
    return this.#classes.list();
  }

  secret(key: string): Secret | undefined {
    return this.#secrets.getByKey(key);
  }

  service(key: string): PublishService | undefined {
    return this.#services.getByKey(key);
  }

  slices(key: string): readonly EndpointSlice[] {
    return this.#slices.byIndex('service', key);
  }

  stop(): void {
    for (const one of this.#all()) one.stop();
  }

  #all(): Pick<Informer<ApiObject>, 'synced' | 'stop'>[] {
    const always = [this.#ingresses, this.#classes, this.#services, this.#slices, this.#secrets];
    return this.#configMap ? [...always, this.#configMap] : always;
  }
}
