import type { RuleLayout } from '../../api/cluster.ts';
import type { EndpointSlice, Service } from '../../api/objects/index.ts';
import { categorize, endpointsByPort, portKey, type ServedPort, servicePorts } from './model/index.ts';
import { type RuleOptions, type RuleSet, renderPort, renderRuleSet } from './rules/index.ts';

export const OPTIONS: RuleOptions = {
  clusterCIDR: '192.168.0.0/16',
  masqueradeAll: false,
  nodeIP: '10.1.110.107',
  localhostNodePorts: true,
  comments: true,
};

/** The whole pure part in one go, as the proxier composes it. */
export function served(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  nodeName: string,
): ServedPort[] {
  return services.flatMap((service) => {
    const { namespace, name } = service.metadata;
    const own = slices.filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
    );
    const endpoints = endpointsByPort(own, nodeName);
    return servicePorts(service).map((port) =>
      categorize(port, endpoints.get(portKey(port.portName, port.protocol)) ?? []),
    );
  });
}

export function rulesOf(
  layout: RuleLayout,
  ports: readonly ServedPort[],
  options: RuleOptions = OPTIONS,
): RuleSet {
  return renderRuleSet(
    layout,
    ports.map((port) => renderPort(layout, port, options)),
    options,
  );
}

/** A service as the tests write it: what is not given is a ClusterIP service of one port. */
export function service(
  name: string,
  spec: Record<string, unknown>,
  ingress: readonly string[] = [],
): Service {
  return {
    metadata: { namespace: 'default', name },
    spec: { ports: [{ port: 80, protocol: 'TCP' }], ...spec },
    ...(ingress.length > 0 ? { status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } } } : {}),
  } as Service;
}

/** Ready endpoints of a service, `address@node`. */
export function slice(name: string, port: number, ...endpoints: readonly string[]): EndpointSlice {
  return {
    metadata: { namespace: 'default', name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ port, protocol: 'TCP' }],
    endpoints: endpoints.map((text) => {
      const [address = '', nodeName = ''] = text.split('@');
      return { addresses: [address], nodeName, conditions: { ready: true } };
    }),
  };
}
