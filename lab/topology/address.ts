/** An IPv4 address as an unsigned 32-bit number, so that ranges are plain arithmetic. */
export type Address = number;

/** A block of addresses: `base` has no bit set after `prefix`. */
export interface Cidr {
  readonly base: Address;
  readonly prefix: number;
}

/** Addresses from `first` to `last`, both included. */
export interface Range {
  readonly first: Address;
  readonly last: Address;
}

const MAX = 0xffff_ffff;
const QUAD = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/**
 * Reads a dotted quad. Leading zeros are refused: some programs read `010` as eight (CVE-2021-29923).
 *
 * @returns undefined when the text is not an IPv4 address
 */
export function parseAddress(text: string): Address | undefined {
  const octets = QUAD.exec(text)?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** @returns the dotted quad */
export function formatAddress(address: Address): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** Reads `address/prefix` without clearing the bits after the prefix: `{ address, prefix }`. */
export function parsePrefixed(text: string): { address: Address; prefix: number } | undefined {
  const match = /^([^/]*)\/(0|[1-9]\d?)$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const prefix = Number(match?.[2]);
  return address === undefined || prefix > 32 ? undefined : { address, prefix };
}

/** Reads a CIDR such as `10.1.110.0/24`; bits after the prefix are cleared. */
export function parseCidr(text: string): Cidr | undefined {
  const parsed = parsePrefixed(text);
  return parsed && cidrOf(parsed.address, parsed.prefix);
}

/** The block of `prefix` bits that holds `address`. */
export function cidrOf(address: Address, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  return { base: address - (address % size), prefix };
}

/** @returns e.g. `10.1.110.0/24` */
export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base)}/${cidr.prefix}`;
}

/** Number of addresses of a block, network and broadcast address included. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.prefix);
}

/** First and last address of a block (in a network: the network and the broadcast address). */
export function cidrRange(cidr: Cidr): Range {
  return { first: cidr.base, last: cidr.base + cidrSize(cidr) - 1 };
}

/** Reads what a load-balancer pool holds: a CIDR, or MetalLB's `from-to`. A reversed range is not a range. */
export function parseRange(text: string): Range | undefined {
  const cidr = parseCidr(text);
  if (cidr) return cidrRange(cidr);
  const [from, to, more] = text.split('-').map((end) => parseAddress(end.trim()));
  if (from === undefined || to === undefined || more !== undefined || from > to) return undefined;
  return { first: from, last: to };
}

/** Number of addresses of a range. */
export function rangeSize(range: Range): number {
  return range.last - range.first + 1;
}

export function rangesOverlap(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether the whole of `inner` lies in `outer`. */
export function rangeContains(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function inRange(range: Range, address: Address): boolean {
  return range.first <= address && address <= range.last;
}

/**
 * The n-th address of a block, as text; negative `n` counts from the end (-1 is the broadcast address).
 *
 * @throws RangeError when the block has no such address
 */
export function hostAddress(cidr: string, n: number): string {
  const parsed = parseCidr(cidr);
  const offset = parsed && n < 0 ? cidrSize(parsed) + n : n;
  if (!parsed || offset < 0 || offset >= cidrSize(parsed))
    throw new RangeError(`${cidr} has no address ${n}`);
  return formatAddress(parsed.base + offset);
}

/** Length of a CIDR's prefix, e.g. 24. @throws RangeError when the text is not a CIDR */
export function prefixLength(cidr: string): number {
  const parsed = parseCidr(cidr);
  if (!parsed) throw new RangeError(`${cidr} is not a CIDR`);
  return parsed.prefix;
}

/** The prefix of the smallest block with at least `count` addresses. */
export function prefixFor(count: number): number {
  return 32 - Math.ceil(Math.log2(Math.max(1, count)));
}

// RFC 1918, the blocks a lab's ranges come from, smallest first so that suggestions look like a home network's.
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/**
 * A private block (RFC 1918) of the given prefix which overlaps none of `taken`.
 *
 * @returns undefined when there is none
 */
export function freeCidr(prefix: number, taken: readonly Range[]): Cidr | undefined {
  for (const text of PRIVATE) {
    const home = parseCidr(text);
    if (!home || prefix < home.prefix) continue;
    const { first, last } = cidrRange(home);
    let candidate = cidrOf(first, prefix);
    while (candidate.base <= last) {
      const range = cidrRange(candidate);
      const clash = taken.filter((other) => rangesOverlap(other, range));
      if (clash.length === 0) return candidate;
      // Behind the clash in one stride: stepping block by block would take 2^24 steps in 10/8.
      const next = Math.max(range.last, ...clash.map((other) => other.last)) + 1;
      if (next > MAX) break;
      const aligned = cidrOf(next, prefix);
      candidate = aligned.base < next ? { base: aligned.base + cidrSize(aligned), prefix } : aligned;
    }
  }
  return undefined;
}
