import { isIPv4 } from 'node:net';
import { canonicalJson } from '../../../api/hash.ts';
import type {
  EndpointAddress,
  EndpointPort,
  Endpoints,
  Service,
  SliceEndpoint,
  SlicePort,
} from '../../../api/objects/index.ts';
import { LAST_CHANGE } from '../endpoints/trigger-times.ts';
import type { DesiredGroup } from './desired.ts';

export const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** As the real controller's --mirroring-max-endpoints-per-subset. */
const MAX_PER_SUBSET = 1000;

/** Whether hand-written Endpoints are copied into slices: of a service without selector. endpointslicemirroring/utils.go. */
export function isMirrored(endpoints: Endpoints, service: Service | undefined): boolean {
  const { labels, annotations, deletionTimestamp } = endpoints.metadata;
  if (labels?.[SKIP_MIRROR]?.toLowerCase() === 'true' || annotations?.[LEADER] || deletionTimestamp)
    return false;
  return service !== undefined && !service.spec.selector;
}

/** Endpoints as groups of slice endpoints, one for each list of ports. */
export function mirroredGroups({ subsets }: Endpoints): DesiredGroup[] {
  const groups = new Map<string, { ports: SlicePort[]; endpoints: SliceEndpoint[] }>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets ?? []) {
    const slicePorts = ports.map(slicePort);
    const key = canonicalJson(slicePorts);
    const group = groups.get(key) ?? { ports: slicePorts, endpoints: [] };
    groups.set(key, group);
    const all = [
      ...addresses.map((address) => mirrored(address, true)),
      ...notReadyAddresses.map((address) => mirrored(address, false)),
    ];
    group.endpoints.push(...all.filter(({ addresses: [ip = ''] }) => isIPv4(ip)).slice(0, MAX_PER_SUBSET));
  }
  return [...groups.values()];
}

function slicePort({ name = '', protocol = 'TCP', port, appProtocol }: EndpointPort): SlicePort {
  return { name, protocol, port, ...(appProtocol ? { appProtocol } : {}) };
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): SliceEndpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
  };
}

/** Annotations that the slices take over. */
export function mirroredAnnotations({ metadata }: Endpoints): Record<string, string> {
  const {
    [LAST_CHANGE]: _time,
    'kubectl.kubernetes.io/last-applied-configuration': _applied,
    ...rest
  } = metadata.annotations ?? {};
  return rest;
}
