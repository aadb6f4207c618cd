import type { EndpointSlice, Service } from '../../lab/api/objects/index.ts';

/** Services `svc-0` … with endpoints that are ready, as the endpointslice controller would write them. */
export function service(index: number): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: `svc-${index}` },
    spec: {
      clusterIP: `10.96.${8 + (index >> 8)}.${index & 255}`,
      selector: { app: `svc-${index}` },
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
    },
  };
}

export function slice(index: number, endpoints: number): EndpointSlice {
  const name = `svc-${index}`;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: Array.from({ length: endpoints }, (_, n) => ({
      addresses: [`192.168.${index >> 4}.${(index & 15) * 16 + n}`],
      nodeName: n % 2 === 0 ? 'node1' : 'node2',
      conditions: { ready: true, serving: true, terminating: false },
      targetRef: { kind: 'Pod', namespace: 'default', name: `${name}-${n}` },
    })),
  };
}
