import type { Node, Pod } from '../../../api/objects/index.ts';
import {
  type ApiClient,
  type Clock,
  type Informer,
  informer,
  isConflict,
  isNotFound,
  NODES,
  PODS,
  timestamp,
} from './api.ts';

export interface FakeKubeletOptions {
  /** From the container's creation to ready; between two pods one more millisecond each. */
  readonly startMs?: number;
  readonly stopMs?: number;
}

/** Runs pods the way the stand-in did with which the vectors were recorded: ready after 0.9 s, gone 1.2 s after their deletion. */
export class FakeKubelet {
  readonly #api: ApiClient;
  readonly #clock: Clock;
  readonly #pods: Informer<Pod>;
  readonly #options: Required<FakeKubeletOptions>;
  #address = 0;
  #busy = Promise.resolve();

  constructor(api: ApiClient, clock: Clock, options: FakeKubeletOptions = {}) {
    this.#api = api;
    this.#clock = clock;
    this.#options = { startMs: 900, stopMs: 1000, ...options };
    this.#pods = informer<Pod>(api, PODS, { clock });
    this.#pods.on({
      update: (pod, old) => {
        if (pod.spec.nodeName && !old.spec.nodeName) this.#start(pod);
        if (pod.metadata.deletionTimestamp && !old.metadata.deletionTimestamp) this.#stop(pod);
      },
    });
  }

  stop(): void {
    this.#pods.stop();
  }

  /** Adds a node that is ready. */
  async addNode(name: string, spec: Node['spec'] = {}): Promise<void> {
    const node: Node = {
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      spec,
      status: {
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timestamp(this.#clock.now()) }],
      },
    };
    const created = await this.#api.create<Node>(NODES, node);
    await this.#api.updateStatus<Node>(NODES, {
      ...created,
      ...(node.status ? { status: node.status } : {}),
    });
  }

  #start(pod: Pod): void {
    const index = this.#address++;
    const ip = `10.244.0.${index + 1}`;
    this.#later(0, pod, () => this.#status(pod, 'Pending', 'False'));
    this.#later(this.#options.startMs + index, pod, () => this.#status(pod, 'Running', 'True', ip));
  }

  #stop(pod: Pod): void {
    const { name = '', namespace } = pod.metadata;
    this.#later(this.#options.stopMs, pod, () => this.#status(pod, 'Succeeded', 'False'));
    this.#later(this.#options.stopMs + 200, pod, () =>
      this.#api.delete(PODS, name, namespace, { gracePeriodSeconds: 0 }),
    );
  }

  #later(ms: number, { metadata }: Pod, run: () => Promise<unknown>): void {
    const work = async () => {
      try {
        await run();
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw new Error(`${metadata.name}: ${error}`);
      }
    };
    this.#clock.after(ms, () => {
      this.#busy = this.#busy.then(work);
    });
  }

  async #status({ metadata }: Pod, phase: string, ready: string, podIP?: string): Promise<void> {
    const pod = await this.#api.get<Pod>(PODS, metadata.name ?? '', metadata.namespace);
    if (pod.metadata.uid !== metadata.uid || (phase !== 'Succeeded' && pod.metadata.deletionTimestamp))
      return;
    const lastTransitionTime = timestamp(this.#clock.now());
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
    const conditions = [...others, { type: 'Ready', status: ready, lastTransitionTime }];
    const address = podIP ? { podIP, podIPs: [{ ip: podIP }] } : {};
    await this.#api.updateStatus<Pod>(PODS, {
      ...pod,
      status: { ...pod.status, ...address, phase, conditions },
    });
  }
}
