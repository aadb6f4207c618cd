import { isExternallyAccessible } from './service-ports.ts';
import type { Endpoint, ServedPort, ServicePort } from './types.ts';

/** Traffic of policy Cluster occurs: of the cluster IP, or as the short cut of pods and nodes to an external address. */
export function usesCluster(port: ServicePort): boolean {
  return !port.internalLocal || isExternallyAccessible(port);
}

/** Traffic of policy Local occurs. */
export function usesLocal(port: ServicePort): boolean {
  return port.internalLocal || (port.externalLocal && isExternallyAccessible(port));
}

const isReady = ({ ready }: Endpoint) => ready;
/** A pod on its way out that still answers: better than nothing (KEP-1669). */
const isLeaving = ({ serving, terminating }: Endpoint) => serving && terminating;

function usable(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter(isReady);
  return ready.length > 0 ? ready : endpoints.filter(isLeaving);
}

/**
 * Chooses the endpoints for each traffic policy: the ready ones; where there are none, those that are terminating
 * and still serve.
 *
 * @param endpoints all of the port's, in the order of the rules
 * @see pkg/proxy/topology.go `CategorizeEndpoints`
 */
export function categorize(port: ServicePort, endpoints: readonly Endpoint[]): ServedPort {
  const anywhere = usable(endpoints);
  const cluster = usesCluster(port) ? anywhere : [];
  const local = usesLocal(port) ? usable(endpoints.filter((endpoint) => endpoint.local)) : [];
  const both = new Set([...cluster, ...local]);
  return {
    port,
    cluster,
    local,
    reachable: local.length === 0 ? cluster : endpoints.filter((endpoint) => both.has(endpoint)),
    readyHere:
      port.healthCheckNodePort === undefined
        ? []
        : endpoints.filter((one) => one.ready && one.local).map(({ address }) => address),
    hasEndpoints: anywhere.length > 0,
  };
}
