import type { V1ServiceSpec } from '@kubernetes/client-node';

/** Which allocations a service of this type has (pkg/registry/core/service/storage). */
export function needsClusterIP(spec: V1ServiceSpec): boolean {
  return spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

export function needsNodePorts(spec: V1ServiceSpec): boolean {
  return (
    spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  );
}

/** The port on which kube-proxy tells a load balancer whether this node has endpoints. */
export function needsHealthCheckNodePort(spec: V1ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

export function isHeadless(spec: V1ServiceSpec): boolean {
  return spec.clusterIPs?.[0] === 'None' || spec.clusterIP === 'None';
}
