import type { V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node';
import { semanticallyEqual } from '../values/index.ts';
import { hasExternalTraffic } from './defaults.ts';
import { needsClusterIP, needsHealthCheckNodePort, needsNodePorts } from './needs.ts';

/**
 * Makes `clusterIP` and `clusterIPs[0]` say the same: whichever of them the client changed wins
 * (pkg/registry/core/service/storage normalizeClusterIPs).
 */
export function normalizeClusterIPs(spec: V1ServiceSpec, old: V1ServiceSpec | undefined): void {
  const ip = spec.clusterIP ?? '';
  const ips = spec.clusterIPs ?? [];
  if (!old) {
    if (ip !== '' && ips.length === 0) spec.clusterIPs = [ip];
    return;
  }
  const sameIPs = semanticallyEqual(ips, old.clusterIPs);
  if (ip === (old.clusterIP ?? '')) return;
  if (ip !== '') {
    if (sameIPs) spec.clusterIPs = [ip, ...ips.slice(1)];
  } else if (sameIPs) delete spec.clusterIPs;
}

/** What has been allocated stays allocated when an update does not say otherwise (patchAllocatedValues). */
export function keepAllocations(spec: V1ServiceSpec, old: V1ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP && old.clusterIPs) {
      spec.clusterIPs = old.clusterIPs;
    }
    if ((spec.ipFamilies ?? []).length === 0 && old.ipFamilies) spec.ipFamilies = old.ipFamilies;
    if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy;
  }
  if (needsNodePorts(old) && needsNodePorts(spec)) {
    const taken = new Set((spec.ports ?? []).map(portKey));
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue;
      const before = (old.ports ?? []).find(
        ({ protocol, port: number }) => protocol === port.protocol && number === port.port,
      );
      if (before?.nodePort && !taken.has(portKey({ ...port, nodePort: before.nodePort }))) {
        port.nodePort = before.nodePort;
      }
    }
  }
  if (needsHealthCheckNodePort(old) && needsHealthCheckNodePort(spec) && old.healthCheckNodePort) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

/** A change of type drops what the new type cannot have, unless the client changed it in the same update (dropTypeDependentFields). */
export function dropTypeDependent(spec: V1ServiceSpec, old: V1ServiceSpec): void {
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (spec.clusterIP === old.clusterIP && semanticallyEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (semanticallyEqual(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy;
    if (spec.internalTrafficPolicy === old.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (needsNodePorts(old) && !needsNodePorts(spec)) {
    const same = semanticallyEqual((spec.ports ?? []).map(nodePort), (old.ports ?? []).map(nodePort));
    if (same) for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec)) {
    if (spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (hasExternalTraffic(old) && !hasExternalTraffic(spec)) {
    if (spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
}

const nodePort = ({ nodePort: number }: V1ServicePort): number => number ?? 0;
const portKey = ({ protocol, nodePort: number }: V1ServicePort): string => `${protocol}/${number ?? 0}`;
