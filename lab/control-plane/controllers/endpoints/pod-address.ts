import { isIPv4 } from 'node:net';
import type {
  ContainerPort,
  ObjectReference,
  Pod,
  Service,
  ServicePort,
} from '../../../api/objects/index.ts';
import { isPodTerminal, podIPs } from '../../../api/pods.ts';

/** Whether a pod is to be listed at all. endpointutil.ShouldPodBeInEndpoints. */
export function isListed(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod) || podIPs(pod).length === 0) return false;
  return includeTerminating || !pod.metadata.deletionTimestamp;
}

/** The pod's address of the lab's one family. */
export function podAddress(pod: Pod): string | undefined {
  return podIPs(pod).find((ip) => isIPv4(ip));
}

/** The name under which a headless service knows the pod: its hostname, if its subdomain is that service. */
export function podHostname(pod: Pod, service: Service): string | undefined {
  const { hostname, subdomain } = pod.spec;
  const belongs =
    subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace;
  return hostname && belongs ? hostname : undefined;
}

export function podReference({ metadata }: Pod): ObjectReference {
  const { namespace, name, uid } = metadata;
  return {
    kind: 'Pod',
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(uid ? { uid } : {}),
  };
}

/**
 * The number of a service port's target on a pod: given, or looked up by name among the ports of containers, and of init
 * containers that keep running. undefined: this pod has no such port. podutil.FindPort.
 */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const { targetPort: target = port.port, protocol = 'TCP' } = port;
  if (typeof target === 'number') return target;
  const named = (ports: readonly ContainerPort[] | undefined) =>
    ports?.find((one) => one.name === target && (one.protocol ?? 'TCP') === protocol)?.containerPort;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = named(container.ports);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None';
