import { isIP, isIPv4 } from 'node:net';
import {
  ADDRESS_INDEX,
  CLUSTER_IP_INDEX,
  type ClusterData,
  clusterIPs,
  type DnsService,
  isExternalName,
  isHeadless,
  POD_IP_INDEX,
  SERVICE_INDEX,
  serviceKeyOf,
} from './cluster-data.ts';
import { endpointLabel, namedEndpoints } from './endpoints.ts';
import type { RecordRequest } from './request.ts';
import type { ZoneOptions } from './zone-options.ts';

/** Something a name stands for: an address with a port, or another name. */
export interface Target {
  /** IPv4 or IPv6; undefined for an ExternalName. */
  readonly address?: string;
  /** Where an ExternalName points to. */
  readonly externalName?: string;
  /** Undefined where no port is declared: there is no SRV record for it. */
  readonly port?: number | undefined;
  /** Its own name below the zone, e.g. `kubernetes.default.svc`; what SRV records point to. */
  readonly owner: string;
}

/** Targets of a name; undefined: there is no such name. An empty list: the name exists, without records. */
export type Found = readonly Target[] | undefined;

/** What a name of a service or pod stands for (plugin/kubernetes/kubernetes.go). */
export function find(request: RecordRequest, data: ClusterData, options: ZoneOptions): Found {
  if (!isExposed(request.namespace, data, options)) return undefined;
  if (request.service === '') return [];
  return request.kind === 'pod' ? findPod(request, data, options) : findService(request, data, options);
}

function isExposed(namespace: string, { namespaces }: ClusterData, options: ZoneOptions): boolean {
  if (options.namespaces.length > 0 && !options.namespaces.includes(namespace)) return false;
  return namespaces.get(namespace) !== undefined;
}

/** `192-168-8-222.default.pod`: insecure mode believes every address, verified mode those of the namespace's pods. */
function findPod(request: RecordRequest, data: ClusterData, { pods }: ZoneOptions): Found {
  const { namespace, service: label } = request;
  if (pods === 'disabled' || request.endpoint !== '' || request.port !== '') return undefined;
  const dotted = label.replaceAll('-', '.');
  const address = isIPv4(dotted) ? dotted : label.replaceAll('-', ':');
  if (isIP(address) === 0) return undefined;
  const exists = () =>
    (data.pods?.byIndex(POD_IP_INDEX, address) ?? []).some(
      ({ metadata }) => metadata.namespace === namespace,
    );
  if (pods === 'verified' && !exists()) return undefined;
  return [{ address, owner: `${label}.${namespace}.pod` }];
}

function findService(request: RecordRequest, data: ClusterData, options: ZoneOptions): Found {
  const { namespace, service: name, endpoint, port, protocol } = request;
  const service = data.services.get(name, namespace);
  if (!service) return undefined;
  const owner = `${name}.${namespace}.svc`;
  if (isExternalName(service)) {
    // It has neither endpoints nor ports, so there are no names below it.
    if (endpoint !== '' || port !== '' || protocol !== '') return undefined;
    const { externalName } = service.spec;
    return externalName && isIP(externalName) === 0 ? [{ externalName, owner }] : undefined;
  }
  if (endpoint.startsWith('_')) return hasNamedPort(service, endpoint.slice(1)) ? [] : undefined;
  const matches = (candidate: { readonly name?: string; readonly protocol?: string }) =>
    (port === '' || port === (candidate.name ?? '').toLowerCase()) &&
    (protocol === '' || protocol === (candidate.protocol ?? 'TCP').toLowerCase());
  let targets: Target[];
  if (isHeadless(service) || endpoint !== '') {
    targets = endpointTargets(service, data, options, endpoint, matches);
  } else {
    const ports = (service.spec.ports ?? []).filter(matches);
    targets = ports.flatMap(({ port }) => clusterIPs(service).map((address) => ({ address, port, owner })));
  }
  return targets.length > 0 ? targets : undefined;
}

/** `_tcp.frontend.default.svc` exists where `_http._tcp.frontend.default.svc` does (RFC 8020). */
const hasNamedPort = ({ spec }: DnsService, wanted: string) =>
  (spec.ports ?? []).some(({ name, protocol = 'TCP' }) => name && protocol.toLowerCase() === wanted);

type PortMatch = (port: { readonly name?: string; readonly protocol?: string }) => boolean;

function endpointTargets(
  service: DnsService,
  data: ClusterData,
  options: ZoneOptions,
  wanted: string,
  matches: PortMatch,
): Target[] {
  const { name, namespace } = service.metadata;
  const targets: Target[] = [];
  for (const slice of data.slices.byIndex(SERVICE_INDEX, `${namespace}/${name}`)) {
    // A service without ports has addresses all the same.
    const declared: readonly { name?: string; protocol?: string; port?: number | null }[] = slice.ports ?? [];
    const ports = (declared.length > 0 ? declared : [{}]).filter(matches);
    for (const endpoint of namedEndpoints(slice, service)) {
      for (const address of endpoint.addresses ?? []) {
        // Slices may hold names instead of addresses (addressType FQDN).
        if (isIP(address) === 0) continue;
        const label = endpointLabel(endpoint, address, options.endpointPodNames);
        if (wanted !== '' && wanted !== label) continue;
        const owner = `${label}.${name}.${namespace}.svc`;
        for (const { port } of ports) targets.push({ address, port: port ?? undefined, owner });
      }
    }
  }
  return targets;
}

/**
 * Names of an address, for PTR: the service whose cluster IP it is, else the endpoints of headless services.
 *
 * @returns names below the zone, e.g. `kube-dns.kube-system.svc`
 */
export function namesOf(address: string, data: ClusterData, options: ZoneOptions): string[] {
  for (const { metadata } of data.services.byIndex(CLUSTER_IP_INDEX, address)) {
    if (isExposed(metadata.namespace ?? '', data, options))
      return [`${metadata.name}.${metadata.namespace}.svc`];
  }
  const names = new Set<string>();
  for (const { service, slice } of servicesWith(address, data)) {
    if (!isHeadless(service) || !isExposed(service.metadata.namespace ?? '', data, options)) continue;
    for (const endpoint of namedEndpoints(slice, service)) {
      if (!endpoint.addresses?.includes(address)) continue;
      const label = endpointLabel(endpoint, address, options.endpointPodNames);
      names.add(`${label}.${service.metadata.name}.${service.metadata.namespace}.svc`);
    }
  }
  return [...names];
}

function servicesWith(address: string, data: ClusterData) {
  return data.slices.byIndex(ADDRESS_INDEX, address).flatMap((slice) => {
    const key = serviceKeyOf(slice)?.split('/');
    const service = key && data.services.get(key[1] ?? '', key[0]);
    return service ? [{ service, slice }] : [];
  });
}

/**
 * The zone's name servers: the services whose endpoint this server is, with their cluster IPs; `ns.dns` with its own
 * addresses while there is none (plugin/kubernetes/ns.go).
 */
export function nameServers(localAddresses: readonly string[], data: ClusterData): Target[] {
  const services = localAddresses.flatMap((address) =>
    servicesWith(address, data).map(({ service }) => service),
  );
  const found = [...new Set(services)].flatMap((service) => {
    const owner = `${service.metadata.name}.${service.metadata.namespace}.svc`;
    return clusterIPs(service).map((address) => ({ address, owner }));
  });
  return found.length > 0 ? found : localAddresses.map((address) => ({ address, owner: 'ns.dns' }));
}
