import ipaddr from 'ipaddr.js';
import type { Service } from '../../../api/objects/index.ts';
import { host } from '../annotations/index.ts';

/**
 * The endpoint of a service of type ExternalName: a name that is looked up when somebody asks, or an address. The port is the target
 * port of the service's port; a number that the service does not list stands for itself, since such services may be without ports
 * (ingress-nginx, internal/ingress/controller/endpointslices.go getEndpointsFromSlices and externalNamePorts). Names and addresses of
 * the machine itself are none: at those, nginx takes orders.
 *
 * @param wanted number or name, as the Ingress says it
 * @returns e.g. `['www.example.com:80']`; empty when that cannot be asked
 */
export function externalEndpoint({ spec }: Service, wanted: string): string[] {
  const port = targetPort(Array.isArray(spec.ports) ? spec.ports : [], wanted);
  const target = targetOf(spec.externalName);
  return port === undefined || target === undefined ? [] : [`${target}:${port}`];
}

function targetPort(ports: NonNullable<Service['spec']['ports']>, wanted: string): number | undefined {
  const found = ports.find(({ name, port }) => name === wanted || String(port) === wanted);
  const isListed = typeof found?.targetPort === 'number' && found.targetPort !== 0;
  const port = isListed
    ? found?.targetPort
    : (found?.port ?? (/^\d{1,5}$/.test(wanted) ? Number(wanted) : 0));
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function targetOf(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(name) || (ipaddr.IPv6.isValid(name) && !name.includes('%'))) {
    const address = ipaddr.parse(name);
    if (isOwn(address)) return undefined;
    return address.kind() === 'ipv6' ? `[${name}]` : name;
  }
  try {
    const found = host(name.replace(/\.$/, ''));
    return /(^|\.)localhost$/.test(found) ? undefined : found;
  } catch {
    return undefined;
  }
}

function isOwn(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const plain =
    address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
  return ['loopback', 'unspecified'].includes(plain.range()) || plain.toString().startsWith('0.');
}
