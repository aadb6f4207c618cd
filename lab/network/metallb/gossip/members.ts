import type { Message } from './message.ts';

/** What is known of another speaker. */
export interface Peer {
  readonly message: Message;
  /** When its last message was read, by this node's monotonic clock. */
  readonly at: number;
}

/** The speakers of the cluster, as one of them sees them. Times are milliseconds of a monotonic clock. */
export class Members {
  readonly #self: string;
  readonly #leaseMs: number;
  readonly #peers = new Map<string, Peer>();
  #expected: ReadonlySet<string> = new Set();

  constructor(self: string, leaseMs: number) {
    this.#self = self;
    this.#leaseMs = leaseMs;
  }

  /** The nodes that have a speaker according to the API. */
  expect(nodes: Iterable<string>): void {
    this.#expected = new Set(nodes);
  }

  /**
   * Takes a message, unless it is old: a datagram that was overtaken, or of a process that has ended.
   *
   * @returns what was known of its sender before (undefined: nothing), or false when the message is not taken
   */
  take(message: Message, now: number): Peer | undefined | false {
    if (message.node === this.#self) return false;
    const known = this.#peers.get(message.node);
    if (known) {
      const { incarnation, sequence } = known.message;
      if (message.incarnation < incarnation) return false;
      if (message.incarnation === incarnation && message.sequence <= sequence) return false;
    }
    this.#peers.set(message.node, { message, at: now });
    return known;
  }

  get(node: string): Peer | undefined {
    return this.#peers.get(node);
  }

  /** All that have been heard of, with what they said last. */
  all(): Iterable<readonly [string, Peer]> {
    return this.#peers;
  }

  /** Heard directly within the lease, and not gone by its own word. */
  isHeard(node: string, now: number): boolean {
    const peer = this.#peers.get(node);
    return peer !== undefined && !peer.message.leaving && now - peer.at < this.#leaseMs;
  }

  /** The peers that are heard. */
  *heard(now: number): Iterable<readonly [string, Peer]> {
    for (const entry of this.#peers) if (this.isHeard(entry[0], now)) yield entry;
  }

  /**
   * The speakers that may be elected: heard directly, or (SWIM's indirect probe) by one that is heard directly, so that the loss of one
   * direction between two nodes does not make a third one's traffic move.
   */
  alive(now: number): Set<string> {
    const alive = new Set<string>();
    const hearers = [...this.heard(now)];
    for (const [node, { message }] of this.#peers) {
      if (!message.ready || message.leaving) continue;
      const indirectly = hearers.some(([, hearer]) => {
        const hearing = hearer.message.heard[node];
        return hearing?.incarnation === message.incarnation && hearing.age + now - hearer.at < this.#leaseMs;
      });
      if (indirectly || this.isHeard(node, now)) alive.add(node);
    }
    return alive;
  }

  /** Everybody whose vote counts: the expected, the heard, and oneself. */
  voters(now: number): Set<string> {
    const voters = new Set([this.#self, ...this.#expected]);
    for (const [node] of this.heard(now)) voters.add(node);
    return voters;
  }

  /**
   * The voters without those that left cleanly and so have given their last vote. If that was to a third node it counts until the promise
   * has run out.
   */
  present(address: string, now: number): Set<string> {
    const voters = this.voters(now);
    for (const [node, { message, at }] of this.#peers) {
      if (!message.leaving) continue;
      const promised = message.grants[address];
      const binding = promised !== undefined && promised !== this.#self && now - at < this.#leaseMs;
      if (!binding) voters.delete(node);
    }
    return voters;
  }

  /** When the next peer will have been silent for the lease; Infinity if none is heard. */
  nextSilence(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const [, { at }] of this.heard(now)) next = Math.min(next, at + this.#leaseMs);
    return next;
  }
}
