/** First and last address, as unsigned 32-bit integers. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** `10.1.110.104` as an unsigned 32-bit integer; undefined for anything else. */
export function parseIPv4(text: string): number | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text) || text.endsWith('.')) return undefined;
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export const formatIPv4 = (address: number): string =>
  [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');

/** A pool's entry: `10.1.110.104/32`, or `10.1.110.105-10.1.110.106`. MetalLB's ParseCIDR. */
export function parseRange(text: string): Range | undefined {
  const [from = '', to, ...more] = text.split('-').map((part) => part.trim());
  if (more.length > 0) return undefined;
  if (to !== undefined) {
    const first = parseIPv4(from);
    const last = parseIPv4(to);
    return first !== undefined && last !== undefined && first <= last ? { first, last } : undefined;
  }
  const [address = '', prefix = '', ...rest] = from.split('/');
  const base = parseIPv4(address);
  if (base === undefined || rest.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32)
    return undefined;
  const size = 2 ** (32 - Number(prefix));
  const first = base - (base % size);
  return { first, last: first + size - 1 };
}

export const inRange = ({ first, last }: Range, address: number): boolean =>
  address >= first && address <= last;
