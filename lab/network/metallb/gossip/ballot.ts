import { Members } from './members.ts';
import type { ClaimState, Message } from './message.ts';

export interface BallotOptions {
  readonly self: string;
  /** Milliseconds since 1970 of this process's start. */
  readonly incarnation: number;
  /** Start, by the monotonic clock. */
  readonly startedAt: number;
  /** For how long a vote is promised, and silence is borne. */
  readonly leaseMs: number;
  /** Which of two nodes goes first for an address; the same on every node. Negative: `a`. */
  readonly order: (address: string, a: string, b: string) => number;
}

interface Claim {
  state: ClaimState;
  /** Answered for before this time; 0: not yet. */
  until: number;
  /** To be given up as soon as nothing is answered any more. */
  ending: boolean;
}

interface Grant {
  readonly to: string;
  readonly until: number;
}

/** A question on the wire whether anybody has an address. */
interface Probe {
  /** When it was answered by silence; undefined: not yet, or somebody answered. */
  readonly freeAt: number | undefined;
  /** When it may be asked again. */
  readonly again: number;
}

/** What the node has to do. */
export interface Step {
  /** Addresses to answer for, each before a time on the monotonic clock. */
  readonly hold: ReadonlyMap<string, number>;
  /** Addresses to stop answering for; {@link Ballot.released} when it is done. */
  readonly drop: ReadonlySet<string>;
  /** Addresses to probe on the wire; {@link Ballot.probed} with the result. */
  readonly probe: ReadonlySet<string>;
}

/** Without a majority: how long the others get to settle it, and how much longer for each place further back in the order. */
export const ALONE_AFTER_MS = 600;
export const ALONE_PLACE_MS = 200;
const LAST_PLACE = 3;
/** After a probe that was answered; shorter with a majority, so that of two that probe at once one goes first. */
const PROBE_AGAIN_MS = 200;
const PROBE_AGAIN_ALONE_MS = 1_000;
/** How long the answer "nobody" is good for. */
const FREE_FOR_MS = 40;

/**
 * Who may answer for an address: at most one speaker at any time.
 *
 * MetalLB lets every speaker compute the winner alone, so two may answer while their views differ. Here the winner also needs the
 * promise of a majority of speakers, each of which promises an address to one speaker at a time (a lock by majority with leases, as
 * in Gray and Cheriton's "Leases", 1989). A promise ends when the holder gives the address up, or when it has not been heard for the
 * lease; the holder counts the same lease from when it *sent* the message that was promised on, so it stops first. Any two majorities
 * share a speaker: so no two hold one address, whatever messages are lost, late or doubled.
 *
 * Where no majority can be reached (one of two nodes dies, or two of three) the lock alone would leave the address unanswered. Then a
 * speaker waits until every lease is over and its turn has come, asks on the wire whether anybody answers (RFC 5227 probes), and
 * takes the address only if nobody does. It gives way as soon as it hears of a holder with a majority; and a majority that does not
 * hear everybody asks on the wire as well before it takes an address.
 *
 * No I/O and no clock: every call is given the time. Call {@link step} after anything else.
 */
export class Ballot {
  readonly members: Members;
  readonly #options: BallotOptions;
  readonly #claims = new Map<string, Claim>();
  readonly #grants = new Map<string, Grant>();
  /** When each of the last messages was sent, for the lease that its answers give. */
  readonly #sent = new Map<number, number>();
  readonly #probes = new Map<string, Probe>();
  #wanted: ReadonlySet<string> = new Set();
  #ready = false;
  #leaving = false;
  #sequence = 0;
  #minoritySince: number | undefined;

  constructor(options: BallotOptions) {
    this.#options = options;
    this.members = new Members(options.self, options.leaseMs);
  }

  /** Ready: the node knows the API and can answer ARP. */
  setReady(ready: boolean): void {
    if (ready && !this.#ready) this.#minoritySince = undefined;
    this.#ready = ready;
  }

  /** The last thing before the end: wants nothing, and says so once nothing is held any more. */
  leave(): void {
    this.#leaving = true;
    this.#ready = false;
    this.#wanted = new Set();
  }

  /** The addresses that this node has been elected for. */
  want(addresses: Iterable<string>): void {
    this.#wanted = this.#ready ? new Set(addresses) : new Set();
  }

  get holdsAny(): boolean {
    return [...this.#claims.values()].some((claim) => claim.until > 0);
  }

  /** All nodes that may be elected, this one included. A node that has just started may not: see {@link step}. */
  alive(now: number): Set<string> {
    const alive = this.members.alive(now);
    if (this.#mayBeElected(now)) alive.add(this.#options.self);
    return alive;
  }

  /** @returns whether its sender should hear from this node at once */
  receive(message: Message, now: number): boolean {
    const before = this.members.take(message, now);
    if (before === false) return false;
    const { node, claims } = message;
    for (const [address, grant] of this.#grants) {
      if (grant.to === node && !(address in claims)) this.#grants.delete(address);
    }
    for (const [address, state] of Object.entries(claims)) {
      // A speaker that has just started may have promised its vote before; only to one that holds it anyway can it do no harm.
      if (!this.#isSettled(now) && state === 'claim') continue;
      const grant = this.#grants.get(address);
      if (!grant || grant.to === node || grant.until <= now) this.#grant(address, node, now);
    }
    return !before || before.message.incarnation !== message.incarnation;
  }

  /** Nothing is answered for this address any more. */
  released(address: string): void {
    const claim = this.#claims.get(address);
    if (!claim) return;
    claim.until = 0;
    if (claim.ending) this.#withdraw(address);
    else claim.state = 'claim';
  }

  /** @param at when the probe ended: a process that has stood still meanwhile has to ask again */
  probed(address: string, free: boolean, at: number, now: number): void {
    if (!this.#probes.has(address)) return;
    if (free) {
      this.#probes.set(address, { freeAt: at, again: at + FREE_FOR_MS });
      return;
    }
    const alone = PROBE_AGAIN_ALONE_MS + ALONE_PLACE_MS * this.#place(address, now);
    const pause = this.#minoritySince === undefined ? PROBE_AGAIN_MS : alone;
    this.#probes.set(address, { freeAt: undefined, again: now + pause });
  }

  /** Works out what to do now. */
  step(now: number): Step {
    this.#noteMinority(now);
    this.#expireGrants(now);
    for (const address of this.#wanted) this.#claim(address, now);
    const hold = new Map<string, number>();
    const drop = new Set<string>();
    const probe = new Set<string>();
    for (const [address, claim] of [...this.#claims]) {
      // Time was over before anything was done about it, say because the process stood still: start anew.
      if (claim.until <= now && claim.state !== 'claim') claim.state = 'claim';
      this.#giveWay(address, claim, now);
      if (claim.ending) {
        this.#probes.delete(address);
        if (claim.until > 0) drop.add(address);
        else this.#withdraw(address);
        continue;
      }
      const voters = this.members.voters(now);
      const majority = this.#quorum(address, voters, now);
      const remaining = this.#quorum(address, this.members.present(address, now), now);
      const until = Math.max(majority, remaining);
      if (until > now && (claim.until > now || this.#isSafe(address, voters, now, probe))) {
        claim.state = majority > now ? 'hold' : 'alone';
        claim.until = Math.max(claim.until, until);
      } else if (until <= now && this.#mayHoldAlone(address, now, probe)) {
        claim.state = 'alone';
        claim.until = now + this.#options.leaseMs;
      } else if (claim.until <= now) {
        claim.state = 'claim';
        claim.until = 0;
      }
      if (claim.until > now) hold.set(address, claim.until);
    }
    return { hold, drop, probe };
  }

  /** The message to be sent now, to everybody. */
  message(now: number): Message {
    const sequence = ++this.#sequence;
    this.#sent.set(sequence, now);
    for (const [old, at] of this.#sent) {
      if (now - at <= this.#options.leaseMs) break;
      this.#sent.delete(old);
    }
    const heard: Record<string, { incarnation: number; sequence: number; age: number }> = {};
    for (const [node, { message, at }] of this.members.heard(now)) {
      const { incarnation, sequence: last } = message;
      heard[node] = { incarnation, sequence: last, age: Math.max(0, Math.ceil(now - at)) };
    }
    return { ...this.state(now), sequence, heard };
  }

  /** What a message says besides its number and hearing: when it changes, the others should know at once. */
  state(now: number): Omit<Message, 'sequence' | 'heard'> {
    const { self: node, incarnation } = this.#options;
    const claims = Object.fromEntries([...this.#claims].map(([address, { state }]) => [address, state]));
    const grants = Object.fromEntries(
      [...this.#grants].filter(([, { until }]) => until > now).map(([address, { to }]) => [address, to]),
    );
    const leaving = this.#leaving && this.#claims.size === 0;
    return { node, incarnation, ready: this.#mayBeElected(now), leaving, claims, grants };
  }

  /** When {@link step} has to be called again even if nothing happens. */
  nextDeadline(now: number): number {
    const { startedAt, leaseMs } = this.#options;
    let next = this.members.nextSilence(now);
    if (!this.#isSettled(now)) next = Math.min(next, startedAt + leaseMs);
    for (const { until, to } of this.#grants.values()) {
      if (until > now && to !== this.#options.self) next = Math.min(next, until);
    }
    for (let place = 0; this.#minoritySince !== undefined && place <= LAST_PLACE; place++) {
      const turn = this.#minoritySince + ALONE_AFTER_MS + ALONE_PLACE_MS * place;
      if (turn > now) next = Math.min(next, turn);
    }
    return next;
  }

  /** Promises of a process before this one have run out. */
  #isSettled(now: number): boolean {
    return now >= this.#options.startedAt + this.#options.leaseMs;
  }

  #mayBeElected(now: number): boolean {
    return this.#ready && this.#isSettled(now);
  }

  #grant(address: string, to: string, now: number): void {
    const until = to === this.#options.self ? Number.POSITIVE_INFINITY : now + this.#options.leaseMs;
    this.#grants.set(address, { to, until });
  }

  #withdraw(address: string): void {
    this.#claims.delete(address);
    this.#probes.delete(address);
    if (this.#grants.get(address)?.to === this.#options.self) this.#grants.delete(address);
  }

  /** A promise that has run out goes to whoever waits for it; of several to the first in the order. */
  #expireGrants(now: number): void {
    for (const [address, { until }] of this.#grants) if (until <= now) this.#grants.delete(address);
    if (!this.#isSettled(now)) return;
    const waiting = new Map<string, string>();
    for (const [node, { message }] of this.members.heard(now)) {
      for (const address of Object.keys(message.claims)) {
        if (this.#grants.has(address)) continue;
        const other = waiting.get(address);
        if (other === undefined || this.#options.order(address, node, other) < 0) waiting.set(address, node);
      }
    }
    for (const [address, node] of waiting) {
      // From when it was heard, not from now: it may have gone since.
      const at = this.members.get(node)?.at ?? now;
      this.#grants.set(address, { to: node, until: at + this.#options.leaseMs });
    }
  }

  #claim(address: string, now: number): void {
    const { self } = this.#options;
    if (this.#claims.has(address) || !this.#mayBeElected(now)) return;
    const grant = this.#grants.get(address);
    if (grant && grant.to !== self) return;
    this.#grant(address, self, now);
    this.#claims.set(address, { state: 'claim', until: 0, ending: false });
  }

  /** Ends a claim that is not wanted any more, or that somebody else has more right to. */
  #giveWay(address: string, claim: Claim, now: number): void {
    if (!this.#wanted.has(address)) claim.ending = true;
    if (claim.ending || claim.state === 'hold') return;
    const { self, order } = this.#options;
    for (const [node, { message }] of this.members.heard(now)) {
      const theirs = message.claims[address];
      if (theirs === undefined) continue;
      const stronger = rank(theirs) - rank(claim.state) || order(address, self, node);
      if (stronger > 0) claim.ending = true;
    }
  }

  /** Until when a majority of these has promised this address to this node; 0: none has. */
  #quorum(address: string, voters: ReadonlySet<string>, now: number): number {
    const { self, incarnation, leaseMs } = this.#options;
    if (this.#grants.get(address)?.to !== self) return 0;
    const promised = [now + leaseMs];
    for (const node of voters) {
      const message = this.members.get(node)?.message;
      const hearing = message?.heard[self];
      if (message?.grants[address] !== self || hearing?.incarnation !== incarnation) continue;
      const sent = this.#sent.get(hearing.sequence);
      if (sent !== undefined) promised.push(sent + leaseMs);
    }
    promised.sort((a, b) => b - a);
    return promised[Math.floor(voters.size / 2)] ?? 0;
  }

  #noteMinority(now: number): void {
    const voters = this.members.present('', now);
    const reached = [...voters].filter((node) => this.members.isHeard(node, now)).length + 1;
    if (reached * 2 > voters.size || !this.#mayBeElected(now)) this.#minoritySince = undefined;
    else this.#minoritySince ??= now;
  }

  /** Whether the address may be held without a majority; asks for a probe when that is what is missing. */
  #mayHoldAlone(address: string, now: number, probe: Set<string>): boolean {
    const { self } = this.#options;
    if (this.#minoritySince === undefined || this.#grants.get(address)?.to !== self) return false;
    if (this.#claims.get(address)?.state === 'alone') return true;
    for (const [, { message }] of this.members.heard(now)) {
      if (message.grants[address] !== self) return false;
    }
    const turn = this.#minoritySince + ALONE_AFTER_MS + ALONE_PLACE_MS * this.#place(address, now);
    return now >= turn && this.#isFree(address, now, probe);
  }

  /** Nobody can hold it without having been heard of; or else nobody answers on the wire. */
  #isSafe(address: string, voters: ReadonlySet<string>, now: number, probe: Set<string>): boolean {
    if ([...voters].every((node) => this.#isAccounted(node, now))) return true;
    return this.#isFree(address, now, probe);
  }

  /**
   * Whether a node cannot hold an address without this one's vote, or without this one having heard of it: it hears this one, without
   * whose vote it may then not hold anything alone; or it left so short a time ago that a new process on it cannot have been elected yet.
   */
  #isAccounted(node: string, now: number): boolean {
    const { self, incarnation, leaseMs } = this.#options;
    const peer = this.members.get(node);
    if (node === self) return true;
    if (!peer || now - peer.at >= leaseMs) return false;
    if (peer.message.leaving) return true;
    const hearing = peer.message.heard[self];
    const sent = hearing?.incarnation === incarnation ? this.#sent.get(hearing.sequence) : undefined;
    return sent !== undefined && now < sent + leaseMs;
  }

  /** Whether a probe that has just ended found nobody; asks for one otherwise. */
  #isFree(address: string, now: number, probe: Set<string>): boolean {
    const asked = this.#probes.get(address);
    if (asked?.freeAt !== undefined && now - asked.freeAt < FREE_FOR_MS) {
      this.#probes.delete(address);
      return true;
    }
    if (!asked || now >= asked.again) {
      this.#probes.set(address, { freeAt: undefined, again: Number.POSITIVE_INFINITY });
      probe.add(address);
    }
    return false;
  }

  /** Place in the order for an address, from 0. */
  #place(address: string, now: number): number {
    const { self, order } = this.#options;
    const before = [...this.members.voters(now)].filter((node) => order(address, node, self) < 0);
    return Math.min(LAST_PLACE, before.length);
  }
}

const rank = (state: ClaimState): number => ({ claim: 0, alone: 1, hold: 2 })[state];
