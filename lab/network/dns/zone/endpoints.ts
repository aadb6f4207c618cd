import type { EndpointSlice, SliceEndpoint } from '../../../api/objects/index.ts';
import type { DnsService } from './cluster-data.ts';

/**
 * The label under which an endpoint of a service is found: its hostname (the pod's `hostname`, with the service as
 * `subdomain`); else the pod's name, where `endpoint_pod_names` asks for it; else its address with dashes.
 */
export function endpointLabel(endpoint: SliceEndpoint, address: string, podNames: boolean): string {
  if (endpoint.hostname) return endpoint.hostname.toLowerCase();
  const pod = endpoint.targetRef?.kind === 'Pod' ? endpoint.targetRef.name : undefined;
  // Longer names would not be a label.
  if (podNames && pod && pod.length < 64) return pod.toLowerCase();
  return address.replaceAll(/[.:]/g, '-');
}

/**
 * Endpoints that have names: the ready ones (unknown counts as ready), or all of a service that publishes them early
 * (`publishNotReadyAddresses`, made for peers of a StatefulSet that must find each other before they are ready).
 */
export const namedEndpoints = (slice: EndpointSlice, service: DnsService): readonly SliceEndpoint[] =>
  (slice.endpoints ?? []).filter(
    ({ conditions }) => conditions?.ready !== false || service.spec.publishNotReadyAddresses === true,
  );
