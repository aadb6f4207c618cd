/** An address or prefix as a number, with the width of its family. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Prefix extends Address {
  readonly length: number;
}

export const ipMessage = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const cidrMessage = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

/** Go's ParseIPSloppy: leading zeros in IPv4 octets are decimal and allowed, as the API server still allows them. */
export function parseIP(text: string): Address | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

export function parseCIDR(text: string): Prefix | undefined {
  const [address, length, more] = text.split('/');
  if (address === undefined || length === undefined || more !== undefined || !/^\d{1,3}$/.test(length))
    return undefined;
  const parsed = parseIP(address);
  if (!parsed || Number(length) > widthOf(parsed)) return undefined;
  return { ...parsed, length: Number(length) };
}

export function isValidIP(text: string): string[] {
  return parseIP(text) ? [] : [ipMessage];
}

export function isValidCIDR(text: string): string[] {
  return parseCIDR(text) ? [] : [cidrMessage];
}

export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  const shift = BigInt(widthOf(prefix) - prefix.length);
  return prefix.value >> shift === address.value >> shift;
}

/** Addresses an IPv4 or IPv6 prefix holds. */
export function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(widthOf(prefix) - prefix.length);
}

/** The first address, host bits cleared. */
export function networkOf(prefix: Prefix): bigint {
  const shift = BigInt(widthOf(prefix) - prefix.length);
  return (prefix.value >> shift) << shift;
}

export function formatIPv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

/** apimachinery ValidateNonSpecialIP: addresses that no endpoint and no external IP can have. */
export function specialRange(text: string): string | undefined {
  const address = parseIP(text);
  if (!address) return undefined;
  const inside = (...prefixes: string[]): boolean =>
    prefixes.some((prefix) => {
      const parsed = parseCIDR(prefix);
      return parsed !== undefined && contains(parsed, address);
    });
  if (address.value === 0n) return `may not be unspecified (${text})`;
  if (inside('127.0.0.0/8', '::1/128')) return 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
  if (inside('169.254.0.0/16', 'fe80::/10'))
    return 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
  if (inside('224.0.0.0/24', 'ff02::/16')) {
    return 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
  }
  return undefined;
}

function widthOf(address: Address): number {
  return address.family === 4 ? 32 : 128;
}

function parseIPv4(text: string): Address | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (!/^\d{1,3}$/.test(octet) || Number(octet) > 255) return undefined;
    value = (value << 8n) | BigInt(octet.replace(/^0+(?=\d)/, ''));
  }
  return { family: 4, value };
}

function parseIPv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')).flatMap(hexGroups));
  const all = groups.flat();
  if (all.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const [head = [], tail] = groups;
  if (tail === undefined ? head.length !== 8 : all.length > 7) return undefined;
  const middle = tail === undefined ? [] : Array<string>(8 - all.length).fill('0');
  let value = 0n;
  for (const group of [...head, ...middle, ...(tail ?? [])]) value = (value << 16n) | BigInt(`0x${group}`);
  return { family: 6, value };
}

/** The dotted tail of `::ffff:10.0.0.1` is two groups. */
function hexGroups(group: string): string[] {
  if (!group.includes('.')) return [group];
  const parsed = parseIPv4(group);
  return parsed ? [(parsed.value >> 16n).toString(16), (parsed.value & 0xffffn).toString(16)] : ['bad'];
}
