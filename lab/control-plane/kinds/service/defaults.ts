import type { V1LoadBalancerIngress, V1Service, V1ServiceSpec } from '@kubernetes/client-node';

/** Session affinity by client address lasts three hours. */
const affinitySeconds = 10800;

/** pkg/apis/core/v1 SetDefaults_Service and SetDefaults_LoadBalancerStatus. */
export function defaultService(service: V1Service): void {
  service.spec ??= {};
  const spec = service.spec;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP' && !spec.sessionAffinityConfig?.clientIP?.timeoutSeconds) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    // A target port of 0 or "" is none.
    if (!port.targetPort) port.targetPort = port.port;
  }
  if (hasExternalTraffic(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (hasClusterTraffic(spec)) spec.internalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  service.status ??= {};
  service.status.loadBalancer ??= {};
  for (const ingress of service.status.loadBalancer.ingress ?? []) defaultIngressMode(ingress);
}

/** Reached from outside the cluster: by node port, load balancer or external address. */
export function hasExternalTraffic(spec: V1ServiceSpec): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true;
  return spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0;
}

export function hasClusterTraffic(spec: V1ServiceSpec): boolean {
  return spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

function defaultIngressMode(ingress: V1LoadBalancerIngress): void {
  if (ingress.ip) ingress.ipMode ??= 'VIP';
}
