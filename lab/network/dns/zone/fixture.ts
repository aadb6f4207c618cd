import { ObjectStore } from '../../../api/client/index.ts';
import type { ApiObject, EndpointSlice, Namespace, Pod, SliceEndpoint } from '../../../api/objects/index.ts';
import {
  type ClusterData,
  type DnsService,
  POD_INDEXES,
  SERVICE_INDEXES,
  SLICE_INDEXES,
} from './cluster-data.ts';

// Objects for tests, in the white paper's cluster.

function stored<T extends ApiObject>(
  objects: readonly T[],
  indexes: Readonly<Record<string, (object: T) => readonly string[]>> = {},
): ObjectStore<T> {
  const store = new ObjectStore<T>();
  for (const [name, values] of Object.entries(indexes)) store.addIndex(name, values);
  for (const object of objects) store.set(object);
  return store;
}

export const namespace = (name: string): Namespace => ({ metadata: { name } });

export const service = (name: string, spec: DnsService['spec'], space = 'default'): DnsService => ({
  metadata: { name, namespace: space },
  spec,
});

export const slice = (
  of: string,
  endpoints: readonly SliceEndpoint[],
  ports: EndpointSlice['ports'] = [],
  space = 'default',
): EndpointSlice => ({
  metadata: {
    name: `${of}-${space}-${endpoints[0]?.addresses[0] ?? 'none'}`,
    namespace: space,
    labels: { 'kubernetes.io/service-name': of },
  },
  addressType: 'IPv4',
  endpoints: [...endpoints],
  ports,
});

export const pod = (name: string, ip: string, space = 'default'): Pod => ({
  metadata: { name, namespace: space },
  spec: { containers: [] },
  status: { podIP: ip, podIPs: [{ ip }] },
});

export interface FixtureObjects {
  readonly namespaces?: readonly Namespace[];
  readonly services?: readonly DnsService[];
  readonly slices?: readonly EndpointSlice[];
  readonly pods?: readonly Pod[];
}

export const clusterData = (objects: FixtureObjects): ClusterData => ({
  namespaces: stored(objects.namespaces ?? ['default', 'kube-system'].map(namespace)),
  services: stored(objects.services ?? [], SERVICE_INDEXES),
  slices: stored(objects.slices ?? [], SLICE_INDEXES),
  pods: stored(objects.pods ?? [], POD_INDEXES),
});

const ready = { conditions: { ready: true } };

/** kube-dns, the paper's services, and one of each other kind. */
export const PAPER_OBJECTS: Required<FixtureObjects> = {
  namespaces: ['default', 'kube-system', 'empty'].map(namespace),
  services: [
    service('kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] }),
    service('wordpress-db', { clusterIP: '10.96.23.229', ports: [{ port: 3306 }] }),
    service(
      'kube-dns',
      {
        clusterIP: '10.96.0.10',
        clusterIPs: ['10.96.0.10'],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
      },
      'kube-system',
    ),
    service('dual', {
      clusterIP: '10.96.7.7',
      clusterIPs: ['10.96.7.7', 'fd00:96::7'],
      ports: [{ name: 'http', port: 80 }],
    }),
    service('peers', { clusterIP: 'None', ports: [{ name: 'redis', port: 6379 }] }),
    service('early', { clusterIP: 'None', publishNotReadyAddresses: true }),
    service('nobody', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] }),
    service('outside', { type: 'ExternalName', externalName: 'www.example.com' }),
    service('alias', {
      type: 'ExternalName',
      externalName: 'wordpress-db.default.svc.cluster.local',
    }),
    service('ping', { type: 'ExternalName', externalName: 'pong.default.svc.cluster.local' }),
    service('pong', { type: 'ExternalName', externalName: 'ping.default.svc.cluster.local' }),
    service('numeric', { type: 'ExternalName', externalName: '203.0.113.10' }),
  ],
  slices: [
    slice(
      'kube-dns',
      [
        { addresses: ['192.168.165.196'], ...ready },
        { addresses: ['192.168.8.207'], ...ready },
      ],
      [{ name: 'dns', port: 53, protocol: 'UDP' }],
      'kube-system',
    ),
    slice(
      'peers',
      [
        {
          addresses: ['192.168.8.201'],
          hostname: 'peer-0',
          ...ready,
          targetRef: { kind: 'Pod', name: 'peer-0' },
        },
        { addresses: ['192.168.104.70'], ...ready, targetRef: { kind: 'Pod', name: 'other' } },
        { addresses: ['192.168.104.71'], conditions: { ready: false } },
      ],
      [{ name: 'redis', port: 6379, protocol: 'TCP' }],
    ),
    slice('early', [{ addresses: ['192.168.8.210'], hostname: 'first', conditions: { ready: false } }]),
    slice('wordpress-db', [{ addresses: ['192.168.8.204'], ...ready }], [{ name: '', port: 3306 }]),
  ],
  pods: [pod('frontend', '192.168.8.222')],
};
