const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

export function isIPv4(text: unknown): text is string {
  return typeof text === 'string' && IPV4.test(text);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/**
 * `10.1.2.3/8` → `10.0.0.0/8`: with the host bits cleared, as the kernel keeps it; an address alone gets /32.
 *
 * @returns undefined for what is not IPv4
 */
export function normalCidr(text: string): string | undefined {
  const [address = '', bits = '32', more] = text.trim().split('/');
  const length = Number(bits);
  if (more !== undefined || !isIPv4(address) || !/^\d+$/.test(bits) || length > 32) return undefined;
  const mask = length === 0 ? 0 : (~0 << (32 - length)) >>> 0;
  return `${toText((toNumber(address) & mask) >>> 0)}/${length}`;
}

/** Whether a network in normal form has the address. */
export function contains(cidr: string, address: string): boolean {
  return isIPv4(address) && normalCidr(`${address}/${cidr.split('/')[1]}`) === cidr;
}
