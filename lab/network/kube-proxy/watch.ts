import {
  type ApiClient,
  ENDPOINT_SLICES,
  type Informer,
  informer,
  keyOf,
  SERVICES,
} from '../../api/client/index.ts';
import type {
  ApiObject,
  EndpointSlice,
  ObjectMeta,
  Service,
  SliceEndpoint,
} from '../../api/objects/index.ts';
import type { ServiceSource } from './tracker.ts';

export interface ChangeHandler {
  serviceChanged(key: string): void;
  endpointsChanged(key: string, triggered?: number): void;
}

const SERVICE_LABEL = 'kubernetes.io/service-name';
const TRIGGER_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time';
/** Headless services have no address to translate, and a service may ask for another proxy: the server leaves those out. */
const OURS = '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name';

const serviceOf = ({ metadata }: EndpointSlice): string | undefined => {
  const name = metadata.labels?.[SERVICE_LABEL];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
};

const READY = { ready: true, serving: true, terminating: false };
/** kubectl apply's copy of the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Thousands of objects are kept: without what no rule depends on. */
function slim<T extends ApiObject>(object: T): T {
  const {
    managedFields: _,
    ownerReferences: __,
    ...metadata
  } = object.metadata as ObjectMeta & {
    managedFields?: unknown;
  };
  if (metadata.annotations?.[LAST_APPLIED] !== undefined) {
    const { [LAST_APPLIED]: ___, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
  }
  return { ...object, metadata };
}

/** The endpoints of thousands of pods have a few nodes and conditions in common, of which one copy is enough. */
function slimSlices(): (slice: EndpointSlice) => EndpointSlice {
  const nodes = new Map<string, string>();
  const nodeOf = (name: string) => {
    const known = nodes.get(name);
    if (known !== undefined) return known;
    nodes.set(name, name);
    return name;
  };
  const conditionsOf = (conditions: SliceEndpoint['conditions'] = {}) => {
    const { ready, serving, terminating } = conditions;
    return ready === true && serving === true && terminating === false
      ? READY
      : {
          ...(ready === undefined ? {} : { ready }),
          ...(serving === undefined ? {} : { serving }),
          ...(terminating === undefined ? {} : { terminating }),
        };
  };
  return (slice) => ({
    ...slim(slice),
    endpoints: (slice.endpoints ?? []).map(({ addresses, conditions, nodeName }) => ({
      addresses,
      conditions: conditionsOf(conditions),
      ...(nodeName === undefined ? {} : { nodeName: nodeOf(nodeName) }),
    })),
  });
}

/** The services and EndpointSlices of the cluster, followed through the API. */
export class ClusterWatch implements ServiceSource {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #onStop: (() => void)[] = [];

  constructor(client: ApiClient, onError: (resource: string, error: unknown) => void) {
    const options = { labelSelector: OURS };
    this.#services = informer<Service>(client, SERVICES, {
      ...options,
      transform: slim,
      onError: (error) => onError('services', error),
    });
    this.#slices = informer<EndpointSlice>(client, ENDPOINT_SLICES, {
      ...options,
      transform: slimSlices(),
      onError: (error) => onError('endpointslices', error),
      indexes: { service: (slice) => [serviceOf(slice) ?? ''] },
    });
  }

  /** Resolves when everything has been listed once. */
  async synced(): Promise<void> {
    await Promise.all([this.#services.synced, this.#slices.synced]);
  }

  /** Tells what is known, and each change from now on. */
  follow(handler: ChangeHandler): void {
    const service = (object: Service) => handler.serviceChanged(keyOf(object));
    this.#onStop.push(this.#services.on({ add: service, update: service, delete: service }));
    const slice = (object: EndpointSlice, old?: EndpointSlice) => {
      const key = serviceOf(object);
      const before = old && serviceOf(old);
      const at = Date.parse(object.metadata.annotations?.[TRIGGER_ANNOTATION] ?? '');
      if (key !== undefined) handler.endpointsChanged(key, Number.isNaN(at) ? undefined : at);
      if (before !== undefined && before !== key) handler.endpointsChanged(before);
    };
    this.#onStop.push(
      this.#slices.on({ add: (one) => slice(one), update: slice, delete: (one) => slice(one) }),
    );
  }

  service(key: string): Service | undefined {
    return this.#services.getByKey(key);
  }

  slices(key: string): readonly EndpointSlice[] {
    return this.#slices.byIndex('service', key);
  }

  stop(): void {
    for (const off of this.#onStop) off();
    this.#services.stop();
    this.#slices.stop();
  }
}
