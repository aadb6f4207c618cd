import { Grants, type GrantsOptions } from './grants.ts';
import { Members } from './members.ts';
import type { ClaimState, Message } from './message.ts';
import { Minority } from './minority.ts';
import { Quorum } from './quorum.ts';

export interface BallotOptions extends GrantsOptions {
  /** Milliseconds since 1970 of this process's start. */
  readonly incarnation: number;
  /** Start, by the monotonic clock. */
  readonly startedAt: number;
}

interface Claim {
  state: ClaimState;
  /** Answered for before this time; 0: not yet. */
  until: number;
  /** To be given up as soon as nothing is answered any more. */
  ending: boolean;
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

/**
 * Who may answer for an address: at most one speaker at any time.
 *
 * MetalLB lets every speaker compute the winner alone, so two may answer while their views differ. Here the winner also needs the
 * promise ({@link Grants}) of a majority of speakers, and stops before those promises end ({@link Quorum}), whatever messages are
 * lost, late or doubled.
 *
 * Where no majority can be reached (one of two nodes dies, or two of three) the lock alone would leave the address unanswered. Then a
 * speaker waits until every lease is over and its turn has come, asks on the wire whether anybody answers ({@link Minority}), and
 * takes the address only if nobody does. It gives way as soon as it hears of a holder with a majority; and a majority that does not
 * hear everybody asks on the wire as well before it takes an address.
 *
 * No I/O and no clock: every call is given the time. Call {@link step} after anything else.
 */
export class Ballot {
  readonly members: Members;
  readonly #options: BallotOptions;
  readonly #claims = new Map<string, Claim>();
  readonly #grants: Grants;
  readonly #quorum: Quorum;
  readonly #minority = new Minority();
  #wanted: ReadonlySet<string> = new Set();
  #ready = false;
  #leaving = false;
  #sequence = 0;

  constructor(options: BallotOptions) {
    this.#options = options;
    const { self, incarnation, leaseMs } = options;
    this.members = new Members(self, leaseMs);
    this.#grants = new Grants(options);
    this.#quorum = new Quorum(self, incarnation, leaseMs, this.members);
  }

  /** Ready: the node knows the API and can answer ARP. */
  setReady(ready: boolean): void {
    if (ready && !this.#ready) this.#minority.note(false, 0);
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
    this.#grants.hear(message, now, this.#isSettled(now));
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

  /** @param at when the probe ended */
  probed(address: string, free: boolean, at: number, now: number): void {
    this.#minority.probed(address, free, at, now, this.#place(address, now));
  }

  /** Works out what to do now. */
  step(now: number): Step {
    this.#noteMinority(now);
    this.#grants.expire(now);
    if (this.#isSettled(now)) this.#grants.giveToWaiting(this.members, now);
    for (const address of this.#wanted) this.#claim(address, now);
    const hold = new Map<string, number>();
    const drop = new Set<string>();
    const probe = new Set<string>();
    for (const [address, claim] of [...this.#claims]) {
      // Time was over before anything was done about it, say because the process stood still: start anew.
      if (claim.until <= now && claim.state !== 'claim') claim.state = 'claim';
      this.#giveWay(address, claim, now);
      if (claim.ending) {
        this.#minority.forget(address);
        if (claim.until > 0) drop.add(address);
        else this.#withdraw(address);
        continue;
      }
      this.#advance(address, claim, now, probe);
      if (claim.until > now) hold.set(address, claim.until);
    }
    return { hold, drop, probe };
  }

  /** The message to be sent now, to everybody. */
  message(now: number): Message {
    const sequence = ++this.#sequence;
    this.#quorum.sent(sequence, now);
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
    const leaving = this.#leaving && this.#claims.size === 0;
    const ready = this.#mayBeElected(now);
    return { node, incarnation, ready, leaving, claims, grants: this.#grants.state(now) };
  }

  /** When {@link step} has to be called again even if nothing happens. */
  nextDeadline(now: number): number {
    const settled = this.#settledAt > now ? this.#settledAt : Number.POSITIVE_INFINITY;
    const events = [this.members.nextSilence(now), this.#grants.nextEnd(now), this.#minority.nextTurn(now)];
    return Math.min(settled, ...events);
  }

  /** When promises of a process before this one have run out. */
  get #settledAt(): number {
    return this.#options.startedAt + this.#options.leaseMs;
  }

  #isSettled(now: number): boolean {
    return now >= this.#settledAt;
  }

  #mayBeElected(now: number): boolean {
    return this.#ready && this.#isSettled(now);
  }

  #withdraw(address: string): void {
    this.#claims.delete(address);
    this.#minority.forget(address);
    this.#grants.takeBackOwn(address);
  }

  #claim(address: string, now: number): void {
    const { self } = this.#options;
    if (this.#claims.has(address) || !this.#mayBeElected(now)) return;
    if ((this.#grants.to(address) ?? self) !== self) return;
    this.#grants.give(address, self, now);
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

  /** From asking to holding, or back, as the votes are. */
  #advance(address: string, claim: Claim, now: number, probe: Set<string>): void {
    const voters = this.members.voters(now);
    const isOwn = this.#grants.isOwn(address);
    const majority = isOwn ? this.#quorum.until(address, voters, now) : 0;
    const remaining = isOwn ? this.#quorum.until(address, this.members.present(address, now), now) : 0;
    const until = Math.max(majority, remaining);
    // Nobody can hold it without having been heard of; or else nobody answers on the wire.
    const isSafe = () => this.#quorum.areAccounted(voters, now) || this.#minority.isFree(address, now, probe);
    if (until > now && (claim.until > now || isSafe())) {
      claim.state = majority > now ? 'hold' : 'alone';
      claim.until = Math.max(claim.until, until);
    } else if (until <= now && this.#mayHoldAlone(address, now, probe)) {
      claim.state = 'alone';
      claim.until = now + this.#options.leaseMs;
    } else if (claim.until <= now) {
      claim.state = 'claim';
      claim.until = 0;
    }
  }

  #noteMinority(now: number): void {
    const voters = this.members.present('', now);
    const reached = [...voters].filter((node) => this.members.isHeard(node, now)).length + 1;
    this.#minority.note(reached * 2 <= voters.size && this.#mayBeElected(now), now);
  }

  /** Whether the address may be held without a majority; asks for a probe when that is what is missing. */
  #mayHoldAlone(address: string, now: number, probe: Set<string>): boolean {
    if (!this.#minority.is || !this.#grants.isOwn(address)) return false;
    if (this.#claims.get(address)?.state === 'alone') return true;
    for (const [, { message }] of this.members.heard(now)) {
      if (message.grants[address] !== this.#options.self) return false;
    }
    return (
      this.#minority.isTurn(this.#place(address, now), now) && this.#minority.isFree(address, now, probe)
    );
  }

  /** Place in the order for an address, from 0. */
  #place(address: string, now: number): number {
    const { self, order } = this.#options;
    return [...this.members.voters(now)].filter((node) => order(address, node, self) < 0).length;
  }
}

const rank = (state: ClaimState): number => ({ claim: 0, alone: 1, hold: 2 })[state];
