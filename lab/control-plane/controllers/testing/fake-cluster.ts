import { setImmediate as turn } from 'node:timers/promises';
import { silentLog } from '../../../api/klog.ts';
import type { ApiObject } from '../../../api/objects/index.ts';
import { type Scheduler, scheduler } from '../../scheduler/index.ts';
import type { Controller } from '../context.ts';
import { controllerManager } from '../manager.ts';
import {
  eventRecorder,
  FakeApi,
  type FakeWrite,
  type InformerFactory,
  informerFactory,
  ManualClock,
  NAMESPACES,
  writeThrough,
} from './api.ts';
import { FakeKubelet, type FakeKubeletOptions } from './fake-kubelet.ts';

/** Turns of the event loop without a write after which everything counts as settled. */
const QUIET_TURNS = 25;

/** All controllers, the scheduler and a stand-in for the kubelets over the API in memory, in a time that the test moves. */
export class FakeCluster {
  readonly clock = new ManualClock();
  readonly api = new FakeApi(this.clock);
  readonly writes: FakeWrite[] = [];
  readonly kubelet: FakeKubelet;
  readonly #informers: InformerFactory[] = [];
  #manager: Controller | undefined;
  #scheduler: Scheduler | undefined;

  constructor(options: FakeKubeletOptions = {}) {
    this.kubelet = new FakeKubelet(this.api, this.clock, options);
    this.api.onWrite((write) => this.writes.push(write));
  }

  /** Nodes controlpl1 (tainted), worker1, worker2 as in the vectors, and a namespace. */
  async start(namespace = 'roll', nodeMonitorGracePeriodMs = 86_400_000): Promise<void> {
    const { api, clock } = this;
    const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
    await this.kubelet.addNode('controlpl1', { taints });
    await this.kubelet.addNode('worker1');
    await this.kubelet.addNode('worker2');
    await api.load(NAMESPACES, { metadata: { name: namespace } });
    const informers = informerFactory(api, { clock });
    const log = silentLog;
    this.#manager = controllerManager({
      client: api,
      informers,
      clock,
      log,
      nodeMonitorGracePeriodMs,
    });
    const own = informerFactory(api, { clock });
    const events = eventRecorder(api, { component: 'default-scheduler', clock });
    this.#scheduler = scheduler({ client: writeThrough(api, own), informers: own, events, clock, log });
    this.#informers.push(informers, own);
    await Promise.all([informers.synced(), own.synced()]);
    this.#manager.start();
    this.#scheduler.start();
    await this.settle();
  }

  /** Resolves when nobody writes any more at this moment of time. */
  async settle(): Promise<void> {
    for (let quiet = 0, seen = this.writes.length; quiet < QUIET_TURNS; quiet++) {
      await turn();
      if (this.writes.length !== seen) quiet = 0;
      seen = this.writes.length;
    }
  }

  /** Lets time pass, timer by timer. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (;;) {
      await this.settle();
      const next = this.clock.next();
      if (next === undefined || this.clock.now() + next > end) break;
      this.clock.advance(next);
    }
    this.clock.advance(end - this.clock.now());
    await this.settle();
  }

  /** Objects of a resource as they are now, e.g. `pods`. */
  objects<T extends ApiObject>(resource: string): T[] {
    const current = new Map<string, ApiObject>();
    for (const { type, resource: of, object } of this.writes) {
      if (of !== resource) continue;
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      if (type === 'DELETED') current.delete(key);
      else current.set(key, object);
    }
    return [...current.values()] as T[];
  }

  async stop(): Promise<void> {
    this.kubelet.stop();
    for (const informers of this.#informers) informers.stop();
    await this.#manager?.stop();
    await this.#scheduler?.stop();
  }
}
