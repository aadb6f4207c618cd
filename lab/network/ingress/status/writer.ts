import { type ApiClient, INGRESSES, isConflict, isNotFound, WorkQueue } from '../../../api/client/index.ts';
import type { Log } from '../../../api/klog.ts';
import { type Ingress, keyOfIngress, type LoadBalancerIngress } from '../objects.ts';
import { isOutdated } from './addresses.ts';

export interface StatusSource {
  /** Those that this controller serves. */
  ingresses(): readonly Ingress[];
  ingress(key: string): Ingress | undefined;
  addresses(): readonly LoadBalancerIngress[];
  /** Of several controllers one writes. */
  leads(): boolean;
}

/** Writes the controller's addresses into `status.loadBalancer` of its Ingresses. */
export class StatusWriter {
  readonly #client: ApiClient;
  readonly #source: StatusSource;
  readonly #log: Log;
  readonly #queue: WorkQueue;

  constructor(client: ApiClient, source: StatusSource, log: Log) {
    this.#client = client;
    this.#source = source;
    this.#log = log;
    this.#queue = new WorkQueue((key) => this.#write(key), {
      concurrency: 4,
      onError: (key, err) => log.warn('Error updating ingress rule', { ingress: key, err }),
    });
  }

  /** Something that statuses depend on has changed. */
  changed(): void {
    if (!this.#source.leads()) return;
    const wanted = this.#source.addresses();
    for (const ingress of this.#source.ingresses()) {
      if (isOutdated(ingress, wanted)) this.#queue.add(keyOfIngress(ingress));
    }
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #write(key: string): Promise<void> {
    const ingress = this.#source.ingress(key);
    const wanted = this.#source.addresses();
    if (!ingress || !this.#source.leads() || !isOutdated(ingress, wanted)) return;
    const currentValue = ingress.status?.loadBalancer?.ingress ?? [];
    this.#log.info('updating Ingress status', { ingress: key, currentValue, newValue: wanted });
    try {
      await this.#client.updateStatus<Ingress>(INGRESSES, {
        ...ingress,
        status: { ...ingress.status, loadBalancer: { ingress: [...wanted] } },
      });
    } catch (error) {
      // Somebody else has written it: the watch brings what, and this is asked again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
