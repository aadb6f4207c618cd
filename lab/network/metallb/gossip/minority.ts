/** Without a majority: how long the others get to settle it, and how much longer for each place further back in the order. */
const ALONE_AFTER_MS = 600;
const ALONE_PLACE_MS = 200;
const LAST_PLACE = 3;
/** After a probe that was answered; shorter with a majority, so that of two that probe at once one goes first. */
const PROBE_AGAIN_MS = 200;
const PROBE_AGAIN_ALONE_MS = 1_000;
/** How long the answer "nobody" is good for. */
const FREE_FOR_MS = 40;

/** A question on the wire whether anybody has an address. */
interface Probe {
  /** When it was answered by silence; undefined: not yet, or somebody answered. */
  readonly freeAt: number | undefined;
  /** When it may be asked again. */
  readonly again: number;
}

/** How long this node has been without a majority, and what the wire has said about addresses (RFC 5227 probes). */
export class Minority {
  readonly #probes = new Map<string, Probe>();
  #since: number | undefined;

  /** Notes whether a majority is out of reach now. */
  note(isMinority: boolean, now: number): void {
    this.#since = isMinority ? (this.#since ?? now) : undefined;
  }

  get is(): boolean {
    return this.#since !== undefined;
  }

  /** Whether it is the turn of a node of this place in the order, from 0, to take an address without a majority. */
  isTurn(place: number, now: number): boolean {
    return this.#since !== undefined && now >= turn(this.#since, place);
  }

  /** When the next turn comes; Infinity if there is none. */
  nextTurn(now: number): number {
    for (let place = 0; this.#since !== undefined && place <= LAST_PLACE; place++) {
      if (turn(this.#since, place) > now) return turn(this.#since, place);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Whether a probe that has just ended found nobody; asks for one otherwise. */
  isFree(address: string, now: number, probe: Set<string>): boolean {
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

  /**
   * The result of a probe.
   *
   * @param at when it ended: a process that has stood still meanwhile has to ask again
   * @param place of this node in the order for the address
   */
  probed(address: string, free: boolean, at: number, now: number, place: number): void {
    if (!this.#probes.has(address)) return;
    if (free) {
      this.#probes.set(address, { freeAt: at, again: at + FREE_FOR_MS });
      return;
    }
    const pause = this.is
      ? PROBE_AGAIN_ALONE_MS + ALONE_PLACE_MS * Math.min(LAST_PLACE, place)
      : PROBE_AGAIN_MS;
    this.#probes.set(address, { freeAt: undefined, again: now + pause });
  }

  forget(address: string): void {
    this.#probes.delete(address);
  }
}

const turn = (since: number, place: number): number =>
  since + ALONE_AFTER_MS + ALONE_PLACE_MS * Math.min(LAST_PLACE, place);
