import type { V1Service, V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import {
  duplicate,
  forbidden,
  GoText,
  goQuote,
  invalid,
  invalidAll,
  notSupported,
  required,
} from '../fields/index.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isPortNumber,
  isQualifiedName,
  validateLabels,
} from '../meta/index.ts';
import { validatePortOrName } from '../pod/index.ts';
import { isValidCIDR, isValidIP, specialRange } from '../values/index.ts';
import { isHeadless } from './needs.ts';
import { validateClusterIPs } from './validation-addresses.ts';
import { validateTrafficPolicies } from './validation-traffic.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
/** timeoutSeconds of session affinity: one day. */
const maxAffinitySeconds = 86400;
const kubeletPort = 10250;

/** pkg/apis/core/validation ValidateService without the metadata; in the original's order. */
export function validateService(service: V1Service): FieldError[] {
  const spec = service.spec as V1ServiceSpec;
  const ports = spec.ports ?? [];
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName')
    errors.push(required('spec.ports'));
  errors.push(...validateType(spec, ports));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    errors.push(...validatePort(port, ports.length > 1, names, `spec.ports[${index}]`));
  }
  errors.push(...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...validateAffinity(spec));
  errors.push(...validateClusterIPs(spec));
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const field = `spec.externalIPs[${index}]`;
    const messages = isValidIP(ip);
    errors.push(...invalidAll(field, ip, messages));
    const special = messages.length === 0 ? specialRange(ip) : undefined;
    if (special !== undefined) errors.push(invalid(field, ip, special));
  }
  if (!types.includes(spec.type ?? '')) errors.push(notSupported('spec.type', spec.type ?? '', types));
  if (spec.type === 'ClusterIP') {
    for (const [index, { nodePort }] of ports.entries()) {
      if (nodePort)
        errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  errors.push(...duplicates(ports));
  errors.push(...validateLoadBalancer(spec));
  errors.push(...validateTrafficPolicies(spec));
  if (spec.loadBalancerClass) {
    const messages = isQualifiedName(spec.loadBalancerClass);
    errors.push(...invalidAll('spec.loadBalancerClass', spec.loadBalancerClass, messages));
    if (spec.type !== 'LoadBalancer') {
      errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
    }
  }
  if (spec.trafficDistribution !== undefined && spec.trafficDistribution !== 'PreferClose') {
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose']));
  }
  return errors;
}

function validateType(spec: V1ServiceSpec, ports: readonly V1ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type === 'LoadBalancer') {
    for (const [index, { port }] of ports.entries()) {
      if (port !== kubeletPort) continue;
      errors.push(
        invalid(
          `spec.ports[${index}]`,
          port,
          `may not expose port ${kubeletPort} externally since it is used by kubelet`,
        ),
      );
    }
  }
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(spec)) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
  }
  if (spec.type !== 'ExternalName') return errors;
  const never = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden('spec.clusterIPs', never));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', never));
  if (spec.ipFamilyPolicy) errors.push(forbidden('spec.ipFamilyPolicy', never));
  // A CNAME may end with a dot.
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') errors.push(required('spec.externalName'));
  else errors.push(...invalidAll('spec.externalName', name, isDNS1123Subdomain(name)));
  return errors;
}

function validatePort(port: V1ServicePort, named: boolean, names: Set<string>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const name = port.name ?? '';
  if (name === '') {
    if (named) errors.push(required(`${path}.name`));
  } else {
    errors.push(...invalidAll(`${path}.name`, name, isDNS1123Label(name)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  }
  errors.push(...invalidAll(`${path}.port`, port.port ?? 0, isPortNumber(port.port ?? 0)));
  if (!protocols.includes(port.protocol ?? '')) {
    errors.push(notSupported(`${path}.protocol`, port.protocol ?? '', protocols));
  }
  errors.push(...validatePortOrName(port.targetPort, `${path}.targetPort`));
  if (port.appProtocol) {
    errors.push(...invalidAll(`${path}.appProtocol`, port.appProtocol, isQualifiedName(port.appProtocol)));
  }
  return errors;
}

function validateAffinity(spec: V1ServiceSpec): FieldError[] {
  const affinities = ['ClientIP', 'None'];
  const affinity = spec.sessionAffinity ?? '';
  if (!affinities.includes(affinity)) return [notSupported('spec.sessionAffinity', affinity, affinities)];
  const field = 'spec.sessionAffinityConfig';
  if (affinity === 'None') {
    return spec.sessionAffinityConfig
      ? [forbidden(field, 'must not be set when session affinity is None')]
      : [];
  }
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`)];
  if (seconds > 0 && seconds <= maxAffinitySeconds) return [];
  return [
    invalid(
      `${field}.clientIP.timeoutSeconds`,
      seconds,
      `must be greater than 0 and less than ${maxAffinitySeconds}`,
    ),
  ];
}

/** Node ports by protocol and number, then ports by protocol and number. */
function duplicates(ports: readonly V1ServicePort[]): FieldError[] {
  const errors: FieldError[] = [];
  const nodePorts = new Set<string>();
  const seen = new Set<string>();
  for (const [index, { nodePort, protocol }] of ports.entries()) {
    if (!nodePort) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  for (const [index, { port = 0, protocol = '' }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) {
      const text = `core.ServicePort{Name:"", Protocol:${goQuote(protocol)}, AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;
      errors.push(duplicate(`spec.ports[${index}]`, new GoText(text)));
    }
    seen.add(key);
  }
  return errors;
}

function validateLoadBalancer(spec: V1ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges = spec.loadBalancerSourceRanges ?? [];
  if (ranges.length > 0) {
    if (spec.type !== 'LoadBalancer') errors.push(forbidden('spec.LoadBalancerSourceRanges', only));
    for (const [index, range] of ranges.entries()) {
      errors.push(...invalidAll(`spec.LoadBalancerSourceRanges[${index}]`, range, isValidCIDR(range.trim())));
    }
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', only));
  }
  return errors;
}
