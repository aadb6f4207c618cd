import {
  type ApiClient,
  type Clock,
  isAlreadyExists,
  isConflict,
  isNotFound,
  LEASES,
} from '../client/index.ts';
import { type LeaderLease, nextLease, type Observation, recordOf, releasedLease } from './leader.ts';

export interface LeaderElectionOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly identity: string;
  readonly namespace: string;
  readonly name: string;
  readonly leaseSeconds: number;
  /** Leadership is given up when it could not be renewed for so long; less than the lease, so that nobody else leads yet. */
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
  readonly onLead: () => Promise<void>;
  readonly onLost: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Leads while it holds a Lease. One at a time, as long as clocks run at the same speed. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  #observed: Observation = { record: '', at: Number.NEGATIVE_INFINITY };
  #lease: LeaderLease | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #leads = false;
  #cancel: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  get leads(): boolean {
    return this.#leads;
  }

  start(): void {
    this.#running = this.#round();
  }

  /** Stops leading first, and then lets the next one lead. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
    if (!this.#leads) return;
    await this.#lose();
    const { client, clock, onError } = this.#options;
    try {
      if (this.#lease) {
        await client.update<LeaderLease>(LEASES, {
          ...this.#lease,
          spec: releasedLease(this.#lease, clock.now()),
        });
      }
    } catch (error) {
      onError(error);
    }
  }

  async #round(): Promise<void> {
    const { clock, retryMs, renewDeadlineMs, onError } = this.#options;
    // The server may hang: what is due then must not wait for it.
    const deadline = clock.after(Math.max(0, this.#renewedAt + renewDeadlineMs - clock.now()), () => {
      if (this.#leads) void this.#lose().catch(onError);
    });
    const started = clock.now();
    try {
      if (await this.#tryToLead()) {
        this.#renewedAt = started;
        if (!this.#leads && !this.#stopped) {
          this.#leads = true;
          await this.#options.onLead();
        }
      } else if (this.#leads) {
        await this.#lose();
      }
    } catch (error) {
      onError(error);
    }
    deadline();
    if (this.#leads && clock.now() >= this.#renewedAt + renewDeadlineMs) await this.#lose().catch(onError);
    if (this.#stopped) return;
    this.#cancel = clock.after(retryMs, () => {
      this.#running = this.#round();
    });
  }

  async #lose(): Promise<void> {
    this.#leads = false;
    await this.#options.onLost();
  }

  async #tryToLead(): Promise<boolean> {
    const { client, clock, namespace, name } = this.#options;
    const found = await this.#read();
    const record = found ? recordOf(found) : '';
    if (record !== this.#observed.record) this.#observed = { record, at: clock.now() };
    const spec = nextLease(found, this.#observed, clock.now(), this.#options);
    if (!spec) return false;
    try {
      const metadata = found?.metadata ?? { name, namespace };
      const lease: LeaderLease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      this.#lease = found
        ? await client.update<LeaderLease>(LEASES, lease)
        : await client.create<LeaderLease>(LEASES, lease);
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
    this.#observed = { record: recordOf(this.#lease), at: clock.now() };
    return true;
  }

  async #read(): Promise<LeaderLease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get<LeaderLease>(LEASES, name, namespace);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
