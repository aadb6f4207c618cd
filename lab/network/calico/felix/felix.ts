import {
  type ApiClient,
  informer,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  WorkQueue,
} from '../../../api/client/index.ts';
import type { ClusterConfig, NodeConfig } from '../../../api/cluster.ts';
import type { Namespace, Pod } from '../../../api/objects/index.ts';
import { run, writeIfChanged } from '../../../node/shell/index.ts';
import { type ActiveState, calculate, type NetworkPolicy } from './calc/index.ts';
import { Dataplane, type Run } from './dataplane.ts';
import { FROM_DISPATCH, type Table, TO_DISPATCH, tableRenderer } from './rules/index.ts';
import { policyIpSets, staticIpSets } from './sets/index.ts';
import { State, slimNamespace, slimPod } from './state.ts';

/** tunl0d, the user-space data plane, lets IP-in-IP in from these addresses only. */
const ALL_HOSTS_NET = '/run/calico/all-hosts-net';

export interface FelixOptions {
  readonly client: ApiClient;
  readonly cluster: ClusterConfig;
  readonly self: NodeConfig;
  readonly log: (line: string) => void;
  /** For tests: where commands run, and the file of the nodes' addresses. */
  readonly run?: Run;
  readonly hostsFile?: string;
}

/** Nothing is enforced before the API has told what: pods that are not known yet are dropped. */
const NOTHING: ActiveState = { endpoints: [], ingress: [], egress: [], profiles: [], sets: [] };
/** Milliseconds: after the start others put rules of their own in front, so what is there is read again, ever later. */
const FIRST_CHECK_MS = 1_000;
const LAST_CHECK_MS = 32_000;

/**
 * Felix, as of Calico 3.16: keeps the iptables chains and ip sets of this node's pods as the cluster's pods,
 * namespaces and NetworkPolicies ask for. What happens in one turn, or while a transaction runs, goes into one
 * transaction.
 */
export class Felix {
  /** Resolves when the chains of all pods that the API knew of at the start are in force. */
  readonly inSync: Promise<void>;
  readonly #options: FelixOptions;
  readonly #dataplane: Dataplane;
  readonly #state: State;
  readonly #queue: WorkQueue;
  readonly #render: (active: ActiveState) => Table[];
  #informers: readonly { stop(): void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #checkAfter = FIRST_CHECK_MS;
  #scheduled = false;
  #stopped = false;
  #markInSync: () => void = () => {};

  constructor(options: FelixOptions) {
    this.#options = options;
    const { cluster, log } = options;
    this.#dataplane = new Dataplane(options.run ?? run, log);
    this.#state = new State((problem) => log(`felix: ${problem}`));
    this.#render = tableRenderer({
      encapsulated: cluster.encapsulation !== 'Never',
      natOutgoing: cluster.natOutgoing,
    });
    this.inSync = new Promise((resolve) => {
      this.#markInSync = resolve;
    });
    this.#queue = new WorkQueue(() => this.#apply(), {
      baseDelayMs: 100,
      onError: (_, error) => log(`error: felix: ${error instanceof Error ? error.message : error}`),
    });
  }

  /**
   * Puts the chains that need no API in place and begins to follow it. Chains of pods that a Felix before this one
   * wrote stay until {@link Felix.inSync}, so that its restart cuts nobody off.
   *
   * @throws CommandError when the kernel refuses
   */
  async start(): Promise<void> {
    const { cluster, hostsFile = ALL_HOSTS_NET } = this.#options;
    await writeIfChanged(hostsFile, `${cluster.nodes.map(({ address }) => address).join('\n')}\n`);
    const keep = new Set([FROM_DISPATCH, TO_DISPATCH]);
    await this.#dataplane.apply(this.#wanted(NOTHING), { keep, remove: false });
    void this.#follow();
  }

  /** Ends following; rules stay in force. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const one of this.#informers) one.stop();
    await this.#queue.stop();
  }

  async #follow(): Promise<void> {
    const { client, log } = this.#options;
    const onError = (error: unknown) =>
      log(`felix: cannot follow the API: ${error instanceof Error ? error.message : error}`);
    const changed = () => this.#schedule();
    const pods = informer<Pod>(client, PODS, { transform: slimPod, onError });
    const namespaces = informer<Namespace>(client, NAMESPACES, { transform: slimNamespace, onError });
    const policies = informer<NetworkPolicy>(client, NETWORK_POLICIES, { onError });
    this.#informers = [pods, namespaces, policies];
    await Promise.all([pods.synced, namespaces.synced, policies.synced]);
    // Before that, half of the pods would be taken for all of them.
    this.#state.follow({ pods, namespaces, policies }, changed);
    this.#schedule();
    this.#checkLater();
  }

  /** A turn of the event loop later, so that what came in one piece of a watch is applied together. */
  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#queue.add('apply');
    });
  }

  async #apply(): Promise<void> {
    const active = calculate(this.#state.input(this.#options.self.nodeName));
    await this.#dataplane.apply(this.#wanted(active));
    this.#markInSync();
  }

  #wanted(active: ActiveState) {
    const { podCIDR, natOutgoing, nodes } = this.#options.cluster;
    const hosts = nodes.map(({ address }) => address);
    return {
      tables: this.#render(active),
      sets: [...staticIpSets({ podCIDR, natOutgoing, hosts }), ...policyIpSets(active.sets)],
    };
  }

  /**
   * Felix' refresh (IptablesRefreshInterval): what somebody deleted by hand comes back. The topology sets the interval, and 0
   * ends it once everything has started.
   */
  #checkLater(): void {
    const period = this.#options.cluster.kubeProxy.syncPeriod * 1000;
    const starting = this.#checkAfter <= LAST_CHECK_MS;
    if (period === 0 && !starting) return;
    const wait = starting && (period === 0 || this.#checkAfter < period) ? this.#checkAfter : period;
    this.#checkAfter *= 2;
    this.#timer = setTimeout(() => {
      this.#dataplane.forget();
      this.#schedule();
      this.#checkLater();
    }, wait);
    this.#timer.unref();
  }
}

/** A started {@link Felix}. @throws CommandError as {@link Felix.start} */
export async function startFelix(options: FelixOptions): Promise<Felix> {
  const felix = new Felix(options);
  await felix.start();
  return felix;
}
