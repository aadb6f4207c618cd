import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node';
import type { KubeObject, TableColumn } from '../../registry/kind.ts';
import { formatLabels } from '../meta/index.ts';
import { age, ageColumn, columnOf, nameColumn, wide } from '../tables/index.ts';

export const serviceColumns: readonly TableColumn[] = [
  nameColumn,
  columnOf('Type', 'core.v1.ServiceSpec#type'),
  columnOf('Cluster-IP', 'core.v1.ServiceSpec#clusterIP'),
  columnOf('External-IP', 'core.v1.ServiceSpec#externalIPs'),
  columnOf('Port(s)', 'core.v1.ServiceSpec#ports'),
  ageColumn,
  columnOf('Selector', 'core.v1.ServiceSpec#selector', wide),
];

/** printService */
export function serviceRow(object: KubeObject, now: Date): string[] {
  const service = object as unknown as V1Service;
  const spec = service.spec ?? {};
  return [
    object.metadata.name,
    spec.type ?? '',
    spec.clusterIPs?.[0] ?? '<none>',
    externalIP(service, spec),
    portsText(spec),
    age(object.metadata.creationTimestamp, now),
    formatLabels(spec.selector),
  ];
}

function externalIP(service: V1Service, spec: V1ServiceSpec): string {
  const external = spec.externalIPs ?? [];
  const joined = external.join(',');
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return joined || '<none>';
  const addresses = (service.status?.loadBalancer?.ingress ?? [])
    .map(({ ip, hostname }) => ip || hostname || '')
    .filter((address) => address !== '');
  const all = [...new Set(addresses)].sort().join(',');
  if (external.length > 0) return [all, joined].filter((text) => text !== '').join(',');
  return all || '<pending>';
}

/** `80:32222/TCP,443/TCP` */
function portsText(spec: V1ServiceSpec): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}
