import type { Members } from './members.ts';
import type { Message } from './message.ts';

interface Grant {
  readonly to: string;
  readonly until: number;
}

export interface GrantsOptions {
  readonly self: string;
  /** For how long a vote is promised. */
  readonly leaseMs: number;
  /** Which of two nodes goes first for an address; the same on every node. Negative: `a`. */
  readonly order: (address: string, a: string, b: string) => number;
}

/**
 * The votes that this node has promised, each address to one node at a time (a lock by majority with leases, as in Gray and
 * Cheriton's "Leases", 1989). A promise ends when its holder gives the address up, or has not been heard for the lease.
 */
export class Grants {
  readonly #options: GrantsOptions;
  readonly #grants = new Map<string, Grant>();

  constructor(options: GrantsOptions) {
    this.#options = options;
  }

  /** To whom an address is promised; undefined: to nobody. */
  to(address: string): string | undefined {
    return this.#grants.get(address)?.to;
  }

  isOwn(address: string): boolean {
    return this.to(address) === this.#options.self;
  }

  /** What this node promises itself lasts until it gives it up. */
  give(address: string, to: string, now: number): void {
    const until = to === this.#options.self ? Number.POSITIVE_INFINITY : now + this.#options.leaseMs;
    this.#grants.set(address, { to, until });
  }

  takeBackOwn(address: string): void {
    if (this.isOwn(address)) this.#grants.delete(address);
  }

  /**
   * A node has said what it claims: what it does not claim any more is free, what it claims is its for another lease.
   *
   * @param settled whether this node knows what it has promised; if not, only claims of what is held anyway count: to a speaker
   *   that holds an address already, a second promise can do no harm
   */
  hear({ node, claims }: Message, now: number, settled: boolean): void {
    for (const [address, { to }] of this.#grants) {
      if (to === node && !(address in claims)) this.#grants.delete(address);
    }
    for (const [address, state] of Object.entries(claims)) {
      if (!settled && state === 'claim') continue;
      const grant = this.#grants.get(address);
      if (!grant || grant.to === node || grant.until <= now) this.give(address, node, now);
    }
  }

  /** Promises that have run out are forgotten. */
  expire(now: number): void {
    for (const [address, { until }] of this.#grants) if (until <= now) this.#grants.delete(address);
  }

  /** What is promised to nobody goes to whoever waits for it; of several to the first in the order. */
  giveToWaiting(members: Members, now: number): void {
    const { order, leaseMs } = this.#options;
    const waiting = new Map<string, string>();
    for (const [node, { message }] of members.heard(now)) {
      for (const address of Object.keys(message.claims)) {
        if (this.#grants.has(address)) continue;
        const other = waiting.get(address);
        if (other === undefined || order(address, node, other) < 0) waiting.set(address, node);
      }
    }
    for (const [address, to] of waiting) {
      // From when it was heard, not from now: it may have gone since.
      this.#grants.set(address, { to, until: (members.get(to)?.at ?? now) + leaseMs });
    }
  }

  /** For the node's message. */
  state(now: number): Record<string, string> {
    const valid = [...this.#grants].filter(([, { until }]) => until > now);
    return Object.fromEntries(valid.map(([address, { to }]) => [address, to]));
  }

  /** When the next promise to another node runs out; Infinity if there is none. */
  nextEnd(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { until } of this.#grants.values()) if (until > now) next = Math.min(next, until);
    return next;
  }
}
