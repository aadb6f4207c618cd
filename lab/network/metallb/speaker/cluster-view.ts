import {
  type ApiClient,
  ENDPOINT_SLICES,
  type Informer,
  informer,
  keyOf,
  L2_ADVERTISEMENTS,
  NODES,
  PODS,
  SECRETS,
  SERVICES,
} from '../../../api/client/index.ts';
import type { ApiObject, EndpointSlice, Node, Pod } from '../../../api/objects/index.ts';
import { followConfiguration, MEMBERLIST_SECRET, NAMESPACE } from '../configuration.ts';
import type { Release } from '../release.ts';
import type { LoadBalancerService } from '../service.ts';
import type { L2Advertisement } from './advertisements.ts';
import { type Plan, planAnnouncements } from './plan.ts';

export interface ClusterViewOptions {
  readonly client: ApiClient;
  readonly release: Release;
  readonly lbClass?: string | undefined;
  /** Called after every change. */
  readonly changed: () => void;
  readonly onProblem: (problem: string) => void;
  readonly onError: (error: unknown) => void;
}

interface Secret extends ApiObject {
  data?: Record<string, string>;
}

/** Labels of the speakers' pods, as MetalLB's METALLB_ML_LABELS. */
export const SPEAKER_LABELS = 'app=metallb,component=speaker';
const SERVICE_LABEL = 'kubernetes.io/service-name';
const BY_SERVICE = 'service';

/** What the API says, kept up to date. Goes on with what is known while the API is away. */
export class ClusterView {
  readonly synced: Promise<unknown>;
  readonly #options: ClusterViewOptions;
  readonly #services: Informer<LoadBalancerService>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #advertisements: Informer<L2Advertisement>;
  readonly #secrets: Informer<Secret>;
  readonly #informers: readonly Informer<ApiObject>[];
  readonly #configuration: ReturnType<typeof followConfiguration>;
  #plan: Plan | undefined;

  constructor(options: ClusterViewOptions) {
    this.#options = options;
    const { client, onError, changed } = options;
    const inNamespace = { namespace: NAMESPACE, onError };
    this.#services = informer<LoadBalancerService>(client, SERVICES, { onError });
    this.#slices = informer<EndpointSlice>(client, ENDPOINT_SLICES, {
      onError,
      indexes: {
        [BY_SERVICE]: ({ metadata }) => {
          const service = metadata.labels?.[SERVICE_LABEL];
          return service === undefined ? [] : [`${metadata.namespace}/${service}`];
        },
      },
    });
    this.#nodes = informer<Node>(client, NODES, { onError });
    this.#pods = informer<Pod>(client, PODS, { ...inNamespace, labelSelector: SPEAKER_LABELS });
    this.#advertisements = informer<L2Advertisement>(client, L2_ADVERTISEMENTS, inNamespace);
    this.#secrets = informer<Secret>(client, SECRETS, {
      ...inNamespace,
      fieldSelector: `metadata.name=${MEMBERLIST_SECRET}`,
    });
    const update = () => {
      this.#plan = undefined;
      changed();
    };
    this.#configuration = followConfiguration(client, update, options.onProblem, onError);
    this.#informers = [
      this.#services,
      this.#slices,
      this.#nodes,
      this.#pods,
      this.#advertisements,
      this.#secrets,
    ] as unknown as Informer<ApiObject>[];
    for (const one of this.#informers) one.on({ add: update, update, delete: update });
    this.synced = Promise.all([...this.#informers.map((one) => one.synced), this.#configuration.synced]);
  }

  /** Worked out anew only after a change. */
  get plan(): Plan {
    this.#plan ??= planAnnouncements({
      release: this.#options.release,
      lbClass: this.#options.lbClass,
      services: this.#services.list(),
      slicesOf: (service) => this.#slices.byIndex(BY_SERVICE, keyOf(service)),
      nodes: this.#nodes.list(),
      pools: this.#configuration.pools,
      advertisements: this.#advertisements.list(),
    });
    return this.#plan;
  }

  service(key: string): LoadBalancerService | undefined {
    return this.#services.getByKey(key);
  }

  /** The speakers' common secret, once there is one. */
  get secret(): Buffer | undefined {
    const encoded = this.#secrets.get(MEMBERLIST_SECRET, NAMESPACE)?.data?.secretkey;
    return encoded ? Buffer.from(encoded, 'base64') : undefined;
  }

  /** Nodes with a speaker. Where the pods do not say (other labels), all nodes. */
  speakers(self: string): Set<string> {
    const speakers = new Set<string>();
    for (const { spec, status } of this.#pods.list()) {
      const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded';
      if (spec.nodeName && !isOver) speakers.add(spec.nodeName);
    }
    if (speakers.has(self)) return speakers;
    return new Set(this.#nodes.list().map(({ metadata }) => metadata.name ?? ''));
  }

  /** Where the other nodes' speakers listen, by node. */
  addresses(self: string): Map<string, string> {
    const addresses = new Map<string, string>();
    for (const { metadata, status } of this.#nodes.list()) {
      const internal = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      if (internal !== undefined && metadata.name !== self) addresses.set(metadata.name ?? '', internal);
    }
    return addresses;
  }

  stop(): void {
    for (const one of this.#informers) one.stop();
    this.#configuration.stop();
  }
}
