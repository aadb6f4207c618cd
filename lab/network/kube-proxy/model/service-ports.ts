import type { Service } from '../../../api/objects/index.ts';
import { servicePortName } from '../names.ts';
import { isIPv4, normalCidr } from './address.ts';
import type { Protocol, ServicePort } from './types.ts';

/** What kube-proxy reads of a Service beyond the fields that others of the lab's programs know. */
interface Fields {
  readonly externalIPs?: readonly string[];
  readonly sessionAffinity?: string;
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
  readonly externalTrafficPolicy?: string;
  readonly internalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly loadBalancerSourceRanges?: readonly string[];
}
interface Status {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly ipMode?: string }[];
  };
}

/** The API's default, three hours. */
const DEFAULT_AFFINITY_SECONDS = 10_800;
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const PROTOCOLS: Readonly<Record<string, Protocol>> = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' };
/** Names end up in rule text between quotes; the API lets no other characters through. */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/i;

/**
 * The ports of a service that this proxy serves; none for headless and ExternalName services and for those that ask
 * for another proxy by label.
 *
 * @param onProblem told of each part that makes no sense and is left out
 * @see pkg/proxy/serviceport.go `newBaseServiceInfo`
 */
export function servicePorts(
  service: Service,
  onProblem: (problem: string) => void = () => {},
): ServicePort[] {
  const { namespace = '', name = '', labels = {}, annotations = {} } = service.metadata;
  const spec = service.spec as Service['spec'] & Fields;
  const { clusterIP } = spec ?? {};
  if (!spec || spec.type === 'ExternalName' || !clusterIP || clusterIP === 'None') return [];
  if (PROXY_NAME_LABEL in labels || HEADLESS_LABEL in labels) return [];
  if (!NAME.test(namespace) || !NAME.test(name)) {
    onProblem(`service "${namespace}/${name}" has a name that cannot be`);
    return [];
  }
  if (!isIPv4(clusterIP)) {
    // An IPv6 service is nothing wrong, just not ours.
    const text = String(clusterIP);
    if (!text.includes(':')) onProblem(`clusterIP "${text}" is no address`);
    return [];
  }
  const { status } = service as Service & { status?: Status };
  const addresses = (texts: readonly (string | undefined)[]) => texts.filter(isIPv4);
  const externalIPs = addresses(spec.externalIPs ?? []);
  const ranges = spec.loadBalancerSourceRanges ?? annotations[SOURCE_RANGES_ANNOTATION]?.split(',') ?? [];
  const isExternal = spec.type === 'LoadBalancer' || spec.type === 'NodePort' || externalIPs.length > 0;
  const externalLocal = isExternal && spec.externalTrafficPolicy === 'Local';
  const common = {
    namespace,
    service: name,
    clusterIP,
    externalIPs,
    // With ipMode Proxy the load balancer is to see the packets of the cluster, too (KEP-1860).
    loadBalancerIPs: addresses(
      (status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip),
    ),
    sourceRanges: sourceRanges(ranges, onProblem),
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : undefined,
    externalLocal,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    healthCheckNodePort:
      externalLocal && spec.type === 'LoadBalancer' && spec.healthCheckNodePort
        ? spec.healthCheckNodePort
        : undefined,
  };
  return (spec.ports ?? []).flatMap((port) => {
    const protocol = PROTOCOLS[port.protocol ?? 'TCP'];
    const portName = port.name ?? '';
    if (!protocol || !isPort(port.port) || (portName !== '' && !NAME.test(portName))) {
      onProblem(`port "${portName}" ${port.port}/${port.protocol} cannot be served`);
      return [];
    }
    return {
      ...common,
      name: servicePortName(namespace, name, portName),
      portName,
      protocol,
      port: port.port,
      nodePort: isPort(port.nodePort) ? port.nodePort : undefined,
    };
  });
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}

function sourceRanges(texts: readonly string[], onProblem: (problem: string) => void): string[] {
  return texts.flatMap((text) => {
    const cidr = normalCidr(text);
    if (cidr === undefined && !text.includes(':')) onProblem(`source range "${text}" is no network`);
    return cidr ?? [];
  });
}

/** Reachable by other addresses than the cluster IP. */
export function isExternallyAccessible(port: ServicePort): boolean {
  return port.nodePort !== undefined || port.loadBalancerIPs.length > 0 || port.externalIPs.length > 0;
}
