import { isIP } from 'node:net';
import type { Lister } from '../../../api/client/index.ts';
import type { EndpointSlice, Namespace, Pod, Service } from '../../../api/objects/index.ts';

/** The fields of a Service that its names depend on, besides those the lab's types know. */
export type DnsService = Service & {
  readonly spec: Service['spec'] & {
    readonly clusterIPs?: readonly string[];
    readonly externalName?: string;
  };
};

/** What answers are made from. Plain data for a test, informers in the program. */
export interface ClusterData {
  readonly namespaces: Lister<Namespace>;
  readonly services: Lister<DnsService>;
  readonly slices: Lister<EndpointSlice>;
  /** Only where the Corefile asks for `pods verified`. */
  readonly pods?: Lister<Pod> | undefined;
}

/** Indexes that the listers must have. */
export const CLUSTER_IP_INDEX = 'clusterIP';
export const SERVICE_INDEX = 'service';
export const ADDRESS_INDEX = 'address';
export const POD_IP_INDEX = 'podIP';

/** Whose slice it is; slices without this label are nobody's (KEP-752). */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

export const SERVICE_INDEXES = { [CLUSTER_IP_INDEX]: (service: DnsService) => clusterIPs(service) };

export const SLICE_INDEXES = {
  [SERVICE_INDEX]: ({ metadata }: EndpointSlice) => {
    const service = metadata.labels?.[SERVICE_NAME_LABEL];
    return service === undefined ? [] : [`${metadata.namespace}/${service}`];
  },
  [ADDRESS_INDEX]: ({ endpoints }: EndpointSlice) => [
    ...new Set((endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
  ],
};

export const POD_INDEXES = {
  [POD_IP_INDEX]: ({ status }: Pod) => [
    ...new Set([...(status?.podIP ? [status.podIP] : []), ...(status?.podIPs ?? []).map(({ ip }) => ip)]),
  ],
};

export const isHeadless = ({ spec }: DnsService): boolean => spec.clusterIP === 'None';
export const isExternalName = ({ spec }: DnsService): boolean => spec.type === 'ExternalName';

/** A service's addresses of both families, the first one first; none for a headless one. */
export function clusterIPs(service: DnsService): string[] {
  if (isHeadless(service) || isExternalName(service)) return [];
  const { clusterIP, clusterIPs = [] } = service.spec;
  return [...new Set([clusterIP ?? '', ...clusterIPs])].filter((address) => isIP(address) !== 0);
}

/** The service that a slice belongs to, as `namespace/name`. */
export const serviceKeyOf = (slice: EndpointSlice): string | undefined =>
  SLICE_INDEXES[SERVICE_INDEX](slice)[0];
