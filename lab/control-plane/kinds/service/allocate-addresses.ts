import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError, KindContext } from '../../registry/kind.ts';
import { goStrings, invalid } from '../fields/index.ts';
import { contains, formatIPv4, networkOf, type Prefix, parseCIDR, parseIP, sizeOf } from '../values/index.ts';
import { isHeadless, needsClusterIP } from './needs.ts';

/** The first addresses of the range, kept for services that ask for one: the allocator takes others as long as there are any. */
const reserved = (size: bigint): bigint => {
  const part = size / 16n;
  return part < 16n ? 16n : part > 256n ? 256n : part;
};

/**
 * Families and policy of a service on a single-stack IPv4 cluster (initIPFamilyFields).
 * @returns why the service cannot be had on this cluster
 */
export function initFamilies(spec: V1ServiceSpec): FieldError[] {
  if (!needsClusterIP(spec)) return [];
  for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') continue;
    if (parseIP(ip)?.family !== 6) continue;
    return [
      invalid(
        `spec.clusterIPs[${index}]`,
        goStrings(spec.clusterIPs),
        'IPv6 is not configured on this cluster',
      ),
    ];
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (family !== 'IPv6') continue;
    return [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    return [
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy,
        'this cluster is not configured for dual-stack services',
      ),
    ];
  }
  spec.ipFamilyPolicy ||= 'SingleStack';
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = ['IPv4'];
  return [];
}

/**
 * Gives a service its clusterIP, or checks the one it asks for. Reads the committed state: creates and updates of services must not
 * overlap.
 * @param own the service itself, whose present address is free for it
 */
export function allocateClusterIP(service: V1Service, context: KindContext, own?: V1Service): FieldError[] {
  const spec = service.spec as V1ServiceSpec;
  if (!needsClusterIP(spec) || isHeadless(spec)) return [];
  const range = parseCIDR(context.serviceCIDR);
  if (!range) throw new Error(`the service CIDR ${context.serviceCIDR} is no CIDR`);
  const taken = takenAddresses(context, own);
  const wanted = spec.clusterIPs?.[0];
  if (wanted === undefined) {
    const address = pick(range, taken, context.random());
    if (address === undefined) {
      return [
        invalid('spec.clusterIPs', goStrings(undefined), 'failed to allocate a serviceIP: range is full'),
      ];
    }
    spec.clusterIP = formatIPv4(address);
    spec.clusterIPs = [spec.clusterIP];
    return [];
  }
  spec.clusterIP = wanted;
  const address = parseIP(wanted);
  const refuse = (why: string): FieldError[] => [
    invalid('spec.clusterIPs', goStrings(spec.clusterIPs), `failed to allocate IP ${wanted}: ${why}`),
  ];
  // The first address of the range is the network's, the last one its broadcast.
  const last = networkOf(range) + sizeOf(range) - 1n;
  if (!address || !contains(range, address) || address.value === networkOf(range) || address.value === last) {
    return refuse(
      `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${context.serviceCIDR}`,
    );
  }
  return taken.has(canonical(wanted)) ? refuse('provided IP is already allocated') : [];
}

/** As texts, which for thousands of services is far cheaper than numbers. */
function takenAddresses(context: KindContext, own: V1Service | undefined): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const object of context.list('services')) {
    if (object.metadata.uid !== undefined && object.metadata.uid === own?.metadata?.uid) continue;
    for (const ip of (object.spec as V1ServiceSpec | undefined)?.clusterIPs ?? []) taken.add(canonical(ip));
  }
  return taken;
}

/** Without the leading zeros that an address may have been given with. */
function canonical(ip: string): string {
  if (!/(?:^|\.)0\d/.test(ip)) return ip;
  const address = parseIP(ip);
  return address?.family === 4 ? formatIPv4(address.value) : ip;
}

/** A random free address above the reserved ones; those are used when nothing else is left. */
function pick(range: Prefix, taken: ReadonlySet<string>, random: number): bigint | undefined {
  const network = networkOf(range);
  const size = sizeOf(range);
  const low = 1n;
  const high = size - 2n;
  const split = size > 32n ? reserved(size) : low;
  return (
    scan(network, split > high ? low : split, high, taken, random) ??
    scan(network, low, split - 1n > high ? high : split - 1n, taken, random)
  );
}

/** Goes once around low…high from a random start. */
function scan(
  network: bigint,
  low: bigint,
  high: bigint,
  taken: ReadonlySet<string>,
  random: number,
): bigint | undefined {
  const count = high - low + 1n;
  if (count <= 0n) return undefined;
  const start = BigInt(Math.floor(random * Number(count)));
  for (let step = 0n; step < count; step++) {
    const address = network + low + ((start + step) % count);
    if (!taken.has(formatIPv4(address))) return address;
  }
  return undefined;
}
