import { canonicalJson } from '../../../api/hash.ts';
import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Pod,
  Service,
} from '../../../api/objects/index.ts';
import { isPodReady } from '../../../api/pods.ts';
import { isHeadless, isListed, podAddress, podHostname, podReference, targetPort } from './pod-address.ts';

interface Entry {
  readonly address: EndpointAddress;
  readonly ready: boolean;
  /** Absent for a headless service without ports. */
  readonly port?: EndpointPort;
}

/** Subsets of a service's Endpoints from the pods that its selector matches. pkg/controller/endpoint syncService. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  return repack(pods.flatMap((pod) => entriesOf(service, pod)));
}

function entriesOf(service: Service, pod: Pod): Entry[] {
  const ip = podAddress(pod);
  if (!ip || !isListed(pod, Boolean(service.spec.publishNotReadyAddresses))) return [];
  const hostname = podHostname(pod, service);
  const { nodeName } = pod.spec;
  const address: EndpointAddress = {
    ip,
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: podReference(pod),
  };
  const ready = Boolean(service.spec.publishNotReadyAddresses) || isPodReady(pod);
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [{ address, ready }] : [];
  return ports.flatMap((servicePort) => {
    const number = targetPort(pod, servicePort);
    if (number === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    const port = {
      ...(name ? { name } : {}),
      port: number,
      protocol,
      ...(appProtocol ? { appProtocol } : {}),
    };
    return [{ address, ready, port }];
  });
}

/**
 * Addresses with the same set of ports share a subset, in a canonical order. endpoints.RepackSubsets; the real order of subsets is
 * by a hash of Go structs that nothing outside can reproduce, ours is by the ports.
 */
function repack(entries: readonly Entry[]): EndpointSubset[] {
  // First by port, as the same port may be reached by addresses of which some are ready and some are not.
  const byPort = new Map<string, { port?: EndpointPort; addresses: Map<string, Entry> }>();
  for (const entry of entries) {
    const key = canonicalJson(entry.port);
    const group = byPort.get(key) ?? { ...(entry.port ? { port: entry.port } : {}), addresses: new Map() };
    byPort.set(key, group);
    const id = addressKey(entry.address);
    if (!group.addresses.has(id)) group.addresses.set(id, entry);
  }
  // Then ports with exactly the same addresses are joined.
  const subsets = new Map<string, { ports: EndpointPort[]; entries: Entry[] }>();
  for (const { port, addresses } of byPort.values()) {
    const members = [...addresses.values()].sort((a, b) => compareAddresses(a.address, b.address));
    const key = canonicalJson(members.map(({ address, ready }) => [address, ready]));
    const subset = subsets.get(key) ?? { ports: [], entries: members };
    subsets.set(key, subset);
    if (port) subset.ports.push(port);
  }
  return [...subsets.values()]
    .map(toSubset)
    .sort((a, b) => compare(canonicalJson(a.ports), canonicalJson(b.ports)));
}

function toSubset({ ports, entries }: { ports: EndpointPort[]; entries: Entry[] }): EndpointSubset {
  const addresses = entries.filter(({ ready }) => ready).map(({ address }) => address);
  const notReady = entries.filter(({ ready }) => !ready).map(({ address }) => address);
  const sorted = [...ports].sort((a, b) => compare(portOrder(a), portOrder(b)));
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(sorted.length > 0 ? { ports: sorted } : {}),
  };
}

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip} ${targetRef?.uid ?? ''}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const portOrder = (port: EndpointPort): string => canonicalJson([port.name ?? '', port.protocol, port.port]);
const compareAddresses = (a: EndpointAddress, b: EndpointAddress): number =>
  compare(a.ip, b.ip) || compare(addressKey(a), addressKey(b));
