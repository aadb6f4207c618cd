import { randomBytes } from 'node:crypto';
import {
  type ApiClient,
  type EventRecorder,
  informer,
  isAlreadyExists,
  isNotFound,
  keyOf,
  NAMESPACES,
  SECRETS,
  SERVICES,
  WorkQueue,
} from '../../../api/client/index.ts';
import type { ApiObject, Namespace } from '../../../api/objects/index.ts';
import { followConfiguration, MEMBERLIST_SECRET, NAMESPACE } from '../configuration.ts';
import type { GoKitLog } from '../log.ts';
import type { Metric } from '../metrics.ts';
import { poolSize } from '../pools.ts';
import type { Release } from '../release.ts';
import { ingressAddresses, isServed, type LoadBalancerService } from '../service.ts';
import { Allocator } from './allocator.ts';
import { converge, type Verdict } from './balancer.ts';

export interface ControllerOptions {
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly log: GoKitLog;
  readonly release: Release;
  readonly lbClass?: string | undefined;
}

/** Annotation with the pool of the address, which 0.13 and later set. */
const POOL_ANNOTATION = 'metallb.universe.tf/ip-allocated-from-pool';
const CALLER = 'service.go:155';

/** MetalLB's controller: gives addresses to services of type LoadBalancer, and takes them back. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #allocator = new Allocator();
  readonly #queue: WorkQueue;
  readonly #stops: (() => void)[] = [];
  /** The last failure told of each service, so that one that waits is not complained of over and over. */
  readonly #told = new Map<string, string>();
  #services = new Map<string, LoadBalancerService>();
  #namespaces = new Map<string, Namespace>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue((key) => this.#sync(key), {
      onError: (key, error) =>
        options.log.error('main.go:128', { op: 'updateServiceStatus', service: key, error: text(error) }),
    });
  }

  /** Resolves when everything has been read and existing addresses are known; from then on new ones are given out. */
  async start(): Promise<void> {
    const { client, log } = this.#options;
    const onError = (error: unknown) => log.error('k8s.go:320', { op: 'watch', error: text(error) });
    await this.#ensureSecret();
    const services = informer<LoadBalancerService>(client, SERVICES, { onError });
    const namespaces = informer<Namespace>(client, NAMESPACES, { onError });
    let started = false;
    const reprocess = () => {
      this.#allocator.setPools(configuration.pools);
      if (started) this.#syncAll();
    };
    const configuration = followConfiguration(
      client,
      reprocess,
      (problem) =>
        log.error('k8s.go:391', { event: 'configStale', error: problem, msg: 'config (re)load failed' }),
      onError,
    );
    this.#stops.push(
      () => services.stop(),
      () => namespaces.stop(),
      () => configuration.stop(),
    );
    await Promise.all([services.synced, namespaces.synced, configuration.synced]);
    this.#allocator.setPools(configuration.pools);

    for (const service of inOrder(services.list())) {
      this.#services.set(keyOf(service), service);
      const namespace = namespaces.get(service.metadata.namespace ?? '');
      if (ingressAddresses(service).length > 0) {
        converge(this.#allocator, service, namespace, this.#options, false);
      }
    }
    for (const namespace of namespaces.list()) this.#namespaces.set(namespace.metadata.name ?? '', namespace);
    started = true;
    log.info('main.go:177', { event: 'stateSynced', msg: 'controller synced, can allocate IPs now' });

    const changed = (service: LoadBalancerService) => {
      this.#services.set(keyOf(service), service);
      this.#queue.add(keyOf(service));
    };
    for (const service of inOrder(services.list())) changed(service);
    services.on({
      add: changed,
      update: changed,
      delete: (service) => {
        this.#services.delete(keyOf(service));
        this.#queue.add(keyOf(service));
      },
    });
    namespaces.on({
      add: (namespace) => this.#namespaces.set(namespace.metadata.name ?? '', namespace),
      update: (namespace, old) => {
        this.#namespaces.set(namespace.metadata.name ?? '', namespace);
        if (JSON.stringify(namespace.metadata.labels) !== JSON.stringify(old.metadata.labels))
          this.#syncAll();
      },
      delete: (namespace) => this.#namespaces.delete(namespace.metadata.name ?? ''),
    });
    this.#syncAll();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#queue.stop();
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  metrics(): Metric[] {
    const samples = (value: (pool: string) => number) =>
      this.#allocator.pools.map(({ name }) => ({ labels: { pool: name }, value: value(name) }));
    const sizes = new Map(this.#allocator.pools.map((pool) => [pool.name, poolSize(pool)]));
    return [
      {
        name: 'metallb_allocator_addresses_in_use_total',
        help: 'Number of IP addresses in use, per pool',
        type: 'gauge',
        samples: samples((pool) => this.#allocator.inUse(pool)),
      },
      {
        name: 'metallb_allocator_addresses_total',
        help: 'Number of usable IP addresses, per pool',
        type: 'gauge',
        samples: samples((pool) => sizes.get(pool) ?? 0),
      },
    ];
  }

  #syncAll(): void {
    for (const service of inOrder([...this.#services.values()])) {
      if (service.spec.type === 'LoadBalancer' || this.#allocator.get(keyOf(service)))
        this.#queue.add(keyOf(service));
    }
  }

  async #sync(key: string): Promise<void> {
    const { log } = this.#options;
    const service = this.#services.get(key);
    const before = this.#allocator.get(key)?.ip;
    if (!service || service.metadata.deletionTimestamp) {
      this.#told.delete(key);
      if (!this.#allocator.release(key)) return;
      log.info('service.go:64', { event: 'serviceDeleted', service: key, msg: 'service deleted' });
      this.#syncAll();
      return;
    }
    const isOurs = isServed(service, this.#options.lbClass);
    // Somebody else's load balancer has its address from somebody else.
    if (!isOurs && before === undefined && service.spec.type === 'LoadBalancer') return;
    const namespace = this.#namespaces.get(service.metadata.namespace ?? '');
    const verdict = converge(this.#allocator, service, namespace, this.#options);
    this.#tell(key, service, verdict);
    try {
      await this.#write(service, verdict);
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    // What was given back may be what another service waits for.
    const after = this.#allocator.get(key)?.ip;
    if (before !== undefined && before !== after) this.#syncAll();
  }

  #tell(key: string, service: LoadBalancerService, { cleared, notices, allocation }: Verdict): void {
    const { log, events } = this.#options;
    if (cleared !== undefined) {
      log.info(CALLER, {
        event: 'clearAssignment',
        reason: cleared,
        service: key,
        msg: CLEARED[cleared] ?? 'address taken away',
      });
    }
    for (const { type, reason, message } of notices) {
      if (type === 'Warning') {
        if (this.#told.get(key) === message) continue;
        this.#told.set(key, message);
        log.error(CALLER, { op: 'allocateIPs', service: key, error: message, msg: 'IP allocation failed' });
      } else {
        this.#told.delete(key);
        log.info(CALLER, {
          event: 'ipAllocated',
          service: key,
          ip: this.#options.release === '0.10' ? allocation?.ip : [allocation?.ip],
          msg: 'IP address assigned by controller',
        });
      }
      events.event(service, type, reason, message);
    }
  }

  async #write(service: LoadBalancerService, { allocation }: Verdict): Promise<void> {
    const { client, release } = this.#options;
    const present = ingressAddresses(service);
    const wanted = allocation ? [allocation.ip] : [];
    let current = service;
    const annotated = service.metadata.annotations?.[POOL_ANNOTATION];
    if (release !== '0.10' && annotated !== allocation?.pool) {
      const { name = '', namespace } = service.metadata;
      const patch = { metadata: { annotations: { [POOL_ANNOTATION]: allocation?.pool ?? null } } };
      current = await client.patch<LoadBalancerService>(SERVICES, name, namespace, patch);
    }
    if (present.join() === wanted.join()) return;
    const ingress = wanted.map((ip) => ({ ip }));
    const loadBalancer = ingress.length > 0 ? { ingress } : {};
    await client.updateStatus<LoadBalancerService>(SERVICES, {
      ...current,
      status: { ...current.status, loadBalancer },
    });
  }

  /** The speakers' common secret, made once, as MetalLB's controller does. */
  async #ensureSecret(): Promise<void> {
    const { client, log } = this.#options;
    const secret: ApiObject & { type: string; data: Record<string, string> } = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: MEMBERLIST_SECRET, namespace: NAMESPACE },
      type: 'Opaque',
      data: { secretkey: Buffer.from(randomBytes(96).toString('base64')).toString('base64') },
    };
    for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        await client.create(SECRETS, secret);
        log.info('k8s.go:245', { op: 'CreateMlSecret', msg: 'secret successfully created' });
        return;
      } catch (error) {
        if (isAlreadyExists(error)) return;
        log.error('k8s.go:245', { op: 'CreateMlSecret', error: text(error) });
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

const CLEARED: Readonly<Record<string, string>> = {
  notLoadBalancer: 'not a LoadBalancer',
  noClusterIPs: 'No ClusterIPs',
  invalidIP: 'multiple IPs in the load balancer status',
  notAllowedByConfig: 'current IP not allowed by config, will attempt for new IP assignment',
  differentPoolRequested: 'user requested a different pool than the one currently assigned',
  differentIPRequested: 'user requested a different IP than the one currently assigned',
};

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Those that have an address first, then the oldest: so that a restart changes nothing. */
function inOrder(services: readonly LoadBalancerService[]): LoadBalancerService[] {
  const rank = (service: LoadBalancerService) =>
    `${ingressAddresses(service).length > 0 ? 0 : 1} ${service.metadata.creationTimestamp ?? ''} ${keyOf(service)}`;
  return [...services].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
