/** An IPv4 network as numbers: `base` is the first address as an unsigned 32-bit integer. */
export interface Network {
  readonly base: number;
  readonly prefix: number;
  /** Number of addresses. */
  readonly size: number;
}

/** `192.168.8.193` as an unsigned 32-bit integer; undefined when `text` is no dotted IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

/** The dotted form of an unsigned 32-bit integer. */
export function formatAddress(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}

/** `192.168.8.192/26` as numbers; undefined when it is no network or has host bits set. */
export function parseNetwork(text: string): Network | undefined {
  const [address, prefix, ...rest] = text.split('/');
  if (address === undefined || prefix === undefined || rest.length > 0) return undefined;
  const base = parseAddress(address);
  if (base === undefined || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return undefined;
  const size = 2 ** (32 - Number(prefix));
  return base % size === 0 ? { base, prefix: Number(prefix), size } : undefined;
}

/** `192.168.8.192/26` for its parts. */
export function formatNetwork(base: number, prefix: number): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** True when `address` lies in `network`. */
export function inNetwork(network: Network, address: number): boolean {
  return address >= network.base && address < network.base + network.size;
}

/** {@link parseNetwork} for text that has been validated before; @throws {RangeError} when it has not. */
export function mustParseNetwork(text: string): Network {
  const network = parseNetwork(text);
  if (!network) throw new RangeError(`"${text}" is not an IPv4 network such as 192.168.8.192/26`);
  return network;
}
