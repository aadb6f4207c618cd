import { isIPv4, isIPv6 } from 'node:net';

/**
 * An IPv4 network with the bits behind its prefix cleared, as `net.ParseCIDR` gives it.
 *
 * @returns `other` for an IPv6 network, which has no place in iptables; undefined for what is no network
 */
export function ipv4Network(cidr: string): string | 'other' | undefined {
  const [address = '', length = '', ...rest] = cidr.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  if (isIPv6(address)) return Number(length) <= 128 ? 'other' : undefined;
  const bits = Number(length);
  if (!isIPv4(address) || bits > 32) return undefined;
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const network = bits === 0 ? 0 : number - (number % 2 ** (32 - bits));
  return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.')}/${bits}`;
}
