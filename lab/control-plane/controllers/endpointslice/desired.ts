import { canonicalJson } from '../../../api/hash.ts';
import type { Node, Pod, Service, SliceEndpoint, SlicePort } from '../../../api/objects/index.ts';
import { isPodReady } from '../../../api/pods.ts';
import { isListed, podAddress, podHostname, podReference, targetPort } from '../endpoints/pod-address.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Endpoints that share a list of ports: they go into slices of their own. */
export interface DesiredGroup {
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

/** The endpoints of a service, by the ports they are reached at. endpointslice/reconciler.go reconcileByAddressType. */
export function desiredGroups(
  service: Service,
  pods: readonly Pod[],
  nodes: ReadonlyMap<string, Node>,
): DesiredGroup[] {
  const groups = new Map<string, { ports: SlicePort[]; endpoints: SliceEndpoint[] }>();
  for (const pod of pods) {
    const endpoint = isListed(pod, true) ? endpointOf(service, pod, nodes) : undefined;
    if (!endpoint) continue;
    const ports = portsOf(service, pod);
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    groups.set(key, group);
    group.endpoints.push(endpoint);
  }
  return [...groups.values()].map(({ ports, endpoints }) => ({
    ports,
    endpoints: withHints(service, endpoints),
  }));
}

/** endpointslice/utils.go podToEndpoint. */
function endpointOf(service: Service, pod: Pod, nodes: ReadonlyMap<string, Node>): SliceEndpoint | undefined {
  const address = podAddress(pod);
  if (!address) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating);
  const { nodeName } = pod.spec;
  const zone = nodes.get(nodeName ?? '')?.metadata.labels?.[ZONE];
  const hostname = podHostname(pod, service);
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    targetRef: podReference(pod),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
  };
}

/** Named target ports that this pod does not have are left out. */
function portsOf({ spec }: Service, pod: Pod): SlicePort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(pod, servicePort);
    if (port === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    return [{ name, protocol, port, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

/** `trafficDistribution: PreferClose`: every ready endpoint is for its own zone (topologycache.AddHintsUsingPreferClose). */
function withHints({ spec }: Service, endpoints: SliceEndpoint[]): SliceEndpoint[] {
  if (spec.trafficDistribution !== 'PreferClose') return endpoints;
  return endpoints.map((endpoint) =>
    endpoint.conditions?.ready === true
      ? { ...endpoint, hints: { forZones: [{ name: endpoint.zone ?? '' }] } }
      : endpoint,
  );
}
