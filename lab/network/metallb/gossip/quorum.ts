import type { Members } from './members.ts';

/**
 * What this node's messages have brought it: an answer that names one of them proves that its sender promised after that message was
 * sent. The holder so counts the lease from an earlier moment than those who promised it, and stops before they give the address to
 * another.
 */
export class Quorum {
  readonly #self: string;
  readonly #incarnation: number;
  readonly #leaseMs: number;
  readonly #members: Members;
  /** When each of the last messages was sent. */
  readonly #sent = new Map<number, number>();

  constructor(self: string, incarnation: number, leaseMs: number, members: Members) {
    this.#self = self;
    this.#incarnation = incarnation;
    this.#leaseMs = leaseMs;
    this.#members = members;
  }

  /** A message is being sent; those older than the lease prove nothing any more. */
  sent(sequence: number, now: number): void {
    this.#sent.set(sequence, now);
    for (const [old, at] of this.#sent) {
      if (now - at <= this.#leaseMs) break;
      this.#sent.delete(old);
    }
  }

  /**
   * Until when a majority of these has promised this address to this node, which has promised it to itself; 0: none has. Any two
   * majorities of the same voters share a speaker: so no two nodes hold one address.
   */
  until(address: string, voters: ReadonlySet<string>, now: number): number {
    const promised = [now + this.#leaseMs];
    for (const node of voters) {
      if (this.#members.get(node)?.message.grants[address] !== this.#self) continue;
      const sent = this.#heardAt(node);
      if (sent !== undefined) promised.push(sent + this.#leaseMs);
    }
    promised.sort((a, b) => b - a);
    return promised[Math.floor(voters.size / 2)] ?? 0;
  }

  /**
   * Whether none of these nodes can hold an address without this one's vote, or without this one having heard of it: it hears this one,
   * without whose vote it may then not hold anything alone; or it left so short a time ago that a new process on it cannot have been
   * elected yet.
   */
  areAccounted(voters: ReadonlySet<string>, now: number): boolean {
    for (const node of voters) {
      const peer = this.#members.get(node);
      if (node === this.#self) continue;
      if (!peer || now - peer.at >= this.#leaseMs) return false;
      if (peer.message.leaving) continue;
      const sent = this.#heardAt(node);
      if (sent === undefined || now >= sent + this.#leaseMs) return false;
    }
    return true;
  }

  /** When this process sent what a node has last heard of it; undefined: nothing, or too long ago. */
  #heardAt(node: string): number | undefined {
    const hearing = this.#members.get(node)?.message.heard[this.#self];
    return hearing?.incarnation === this.#incarnation ? this.#sent.get(hearing.sequence) : undefined;
  }
}
