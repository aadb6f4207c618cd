import { createHash } from 'node:crypto';
import { Ballot, type Step } from './ballot.ts';
import type { Message } from './message.ts';

export const LEASE = 1_200;
export const HEARTBEAT = 200;
const PROBE_FRAMES = [0, 80, 160];
const PROBE_END = 240;

const ranks = new Map<string, string>();
function rankOf(address: string, node: string): string {
  const key = `${node}#${address}`;
  const rank = ranks.get(key) ?? createHash('sha256').update(key).digest('hex');
  ranks.set(key, rank);
  return rank;
}

export function order(address: string, a: string, b: string): number {
  const [first, second] = [rankOf(address, a), rankOf(address, b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

interface Node {
  readonly name: string;
  ballot: Ballot | undefined;
  /** What its arp-responder answers for, and until when. */
  answers: Map<string, number>;
  probes: Map<string, { readonly from: number; taken: boolean }>;
  /** Its view of who may be elected, by address. */
  candidates: Map<string, readonly string[]>;
  nextHeartbeat: number;
  /** When the ballot has to be looked at again. */
  deadline: number;
  said: string;
  /** Process does not run before this time; its arp-responder goes on. */
  frozenUntil: number;
  inbox: { readonly at: number; readonly message: Message }[];
}

/**
 * Speakers with their ARP responders on one simulated segment, by milliseconds: messages may be lost, late and out of order, or
 * cut off by a partition; processes may die, freeze and come back. Two that answer for one address at once are a violation.
 */
export class Simulation {
  now = 0;
  readonly nodes: Node[];
  loss = 0;
  maxDelay = 2;
  /** Whether a message gets from one node to another. */
  connected: (from: string, to: string) => boolean = () => true;
  readonly violations: string[] = [];
  readonly #random: () => number;
  #incarnation = 0;

  constructor(names: readonly string[], rng: () => number) {
    this.#random = rng;
    this.nodes = names.map((name) => ({
      name,
      ballot: undefined,
      answers: new Map(),
      probes: new Map(),
      candidates: new Map(),
      nextHeartbeat: 0,
      deadline: 0,
      said: '',
      frozenUntil: 0,
      inbox: [],
    }));
    for (const node of this.nodes) this.start(node.name);
  }

  node(name: string): Node {
    const found = this.nodes.find((one) => one.name === name);
    if (!found) throw new Error(name);
    return found;
  }

  start(name: string): void {
    const node = this.node(name);
    const incarnation = ++this.#incarnation;
    node.ballot = new Ballot({ self: name, incarnation, startedAt: this.now, leaseMs: LEASE, order });
    node.ballot.members.expect(this.nodes.map((one) => one.name));
    node.ballot.setReady(true);
    node.deadline = Number.POSITIVE_INFINITY;
    node.nextHeartbeat = this.now + Math.floor(this.#random() * HEARTBEAT);
    node.said = '';
  }

  kill(name: string): void {
    const node = this.node(name);
    node.ballot = undefined;
    node.answers.clear();
    node.probes.clear();
    node.inbox = [];
  }

  stop(name: string): void {
    const node = this.node(name);
    if (!node.ballot) return;
    node.ballot.leave();
    this.#evaluate(node);
    this.#evaluate(node);
    this.kill(name);
  }

  /** Tells every node, each a little later than the one before, that these may be elected. */
  elect(address: string, candidates: readonly string[], nodes = this.nodes): void {
    for (const node of nodes) node.candidates.set(address, candidates);
  }

  answering(address: string): string[] {
    return this.nodes.filter(({ answers }) => (answers.get(address) ?? 0) > this.now).map(({ name }) => name);
  }

  run(ms: number): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.#now();
      this.now = Math.min(end, this.#next());
    }
  }

  /** @returns the time at which a node answers for the address, within a time; undefined: it did not */
  until(address: string, name: string | undefined, ms: number): number | undefined {
    const end = this.now + ms;
    while (this.now < end) {
      this.#now();
      const [one] = this.answering(address);
      if (one !== undefined && one === name) return this.now;
      this.now = Math.min(end, this.#next());
    }
    return undefined;
  }

  /** Runs on. @returns for how many milliseconds who answered for the address; '' is nobody, two would be `a,b` */
  shares(address: string, ms: number): Map<string, number> {
    const shares = new Map<string, number>();
    const end = this.now + ms;
    while (this.now < end) {
      this.#now();
      const [from, who] = [this.now, this.answering(address).join()];
      this.now = Math.min(end, this.#next());
      shares.set(who, (shares.get(who) ?? 0) + this.now - from);
    }
    return shares;
  }

  /** All that happens in this millisecond. */
  #now(): void {
    for (const node of this.nodes) this.#tick(node);
    this.#check();
  }

  /** When something happens next; the milliseconds between are passed over. */
  #next(): number {
    let next = Number.POSITIVE_INFINITY;
    const maybe = (at: number) => {
      if (at > this.now && at < next) next = at;
    };
    for (const { ballot, frozenUntil, inbox, probes, answers, nextHeartbeat, deadline } of this.nodes) {
      for (const until of answers.values()) maybe(until);
      for (const { from, taken } of probes.values()) {
        for (const frame of PROBE_FRAMES) maybe(from + frame);
        maybe(taken ? this.now + 1 : from + PROBE_END);
      }
      if (!ballot) continue;
      if (frozenUntil > this.now) {
        maybe(Math.ceil(frozenUntil));
        continue;
      }
      for (const { at } of inbox) maybe(at);
      maybe(nextHeartbeat);
      maybe(Math.ceil(deadline));
    }
    return next;
  }

  #tick(node: Node): void {
    const { ballot } = node;
    this.#probeFrames(node);
    if (!ballot || this.now < node.frozenUntil) return;
    let busy = this.now >= node.deadline;
    const due = node.inbox.filter(({ at }) => at <= this.now);
    if (due.length > 0) {
      node.inbox = node.inbox.filter(({ at }) => at > this.now);
      for (const { message } of due) if (ballot.receive(message, this.now)) node.said = '';
      busy = true;
    }
    for (const [address, probe] of [...node.probes]) {
      if (!probe.taken && this.now < probe.from + PROBE_END) continue;
      node.probes.delete(address);
      ballot.probed(address, !probe.taken, probe.from + PROBE_END, this.now);
      busy = true;
    }
    if (this.now >= node.nextHeartbeat) {
      node.nextHeartbeat = this.now + HEARTBEAT;
      node.said = '';
      busy = true;
    }
    if (busy) this.#evaluate(node);
  }

  /** What the speaker does at every event. */
  #evaluate(node: Node): void {
    const { ballot } = node;
    if (!ballot) return;
    const alive = ballot.alive(this.now);
    const wanted: string[] = [];
    for (const [address, candidates] of node.candidates) {
      const [winner] = candidates.filter((one) => alive.has(one)).sort((a, b) => order(address, a, b));
      if (winner === node.name) wanted.push(address);
    }
    ballot.want(wanted);
    this.#apply(node, ballot.step(this.now));
    const state = JSON.stringify(ballot.state(this.now));
    if (state !== node.said) this.#send(node, ballot.message(this.now));
    node.said = state;
    node.deadline = ballot.nextDeadline(this.now);
  }

  #apply(node: Node, step: Step): void {
    for (const [address, until] of step.hold) node.answers.set(address, until);
    for (const address of step.drop) {
      node.answers.delete(address);
      node.ballot?.released(address);
    }
    if (step.drop.size > 0) this.#apply(node, node.ballot?.step(this.now) ?? step);
    for (const address of step.probe) node.probes.set(address, { from: this.now, taken: false });
  }

  /** A message is made anew for every sending, and nobody who reads it changes it: one will do for all. */
  #send(from: Node, message: Message): void {
    for (const to of this.nodes) {
      if (to === from || !to.ballot || this.#random() < this.loss || !this.connected(from.name, to.name))
        continue;
      const copies = this.#random() < 0.05 ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const at = this.now + 1 + Math.floor(this.#random() * this.maxDelay);
        to.inbox.push({ at, message });
      }
    }
  }

  /** ARP reaches everybody: whoever answers, or probes for the same address, is noticed. */
  #probeFrames(node: Node): void {
    for (const [address, probe] of node.probes) {
      if (!PROBE_FRAMES.includes(this.now - probe.from)) continue;
      for (const other of this.nodes) {
        if (other === node) continue;
        if ((other.answers.get(address) ?? 0) > this.now) probe.taken = true;
        const theirs = other.probes.get(address);
        if (theirs) theirs.taken = true;
      }
    }
  }

  #check(): void {
    const owners = new Map<string, string>();
    for (const { name, answers } of this.nodes) {
      for (const [address, until] of answers) {
        if (until <= this.now) continue;
        const other = owners.get(address);
        if (other !== undefined) this.violations.push(`${this.now} ms: ${address} at ${other} and ${name}`);
        owners.set(address, name);
      }
    }
  }
}
