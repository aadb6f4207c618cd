import { type KubeObject, resourceKey } from '../registry/index.ts';
import type { ClusterSettings, ResourceRequest, ServerState } from './context.ts';
import type { Log } from './log.ts';
import { PLAIN_JSON } from './output/negotiate.ts';
import { prepareCreate } from './verbs/create.ts';

/** One object that exists as long as the server runs. */
interface Wanted {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly object: KubeObject;
}

/**
 * Makes what every cluster has: four namespaces and the service `kubernetes` with its endpoints; makes them again when
 * they are deleted (the real server's start-system-namespaces and kubernetes-service controllers).
 * @returns a function that stops it
 */
export async function keepSystemObjects(state: ServerState, log: Log): Promise<() => void> {
  const wanted = systemObjects(state.settings).filter(({ resource }) => state.registry.byResource(resource));
  for (const each of wanted) await ensure(state, each);
  const stops = [...new Set(wanted.map(({ resource }) => resource))].map((resource) =>
    state.store.listen(resource, ({ type, entry }) => {
      if (type !== 'DELETED') return;
      const { name, namespace } = entry.object.metadata;
      const again = wanted.filter(
        (each) =>
          each.resource === resource &&
          each.object.metadata.name === name &&
          (each.namespace ?? '') === (namespace ?? ''),
      );
      for (const each of again)
        ensure(state, each).catch((error: Error) => log('W', `${resource} ${name}: ${error.message}`));
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

async function ensure(state: ServerState, { resource, namespace, object }: Wanted): Promise<void> {
  const { name } = object.metadata;
  const present = state.store.latest(resource, namespace, name);
  if (!present) {
    const prepared = prepareCreate(internalRequest(state, resource, namespace), structuredClone(object));
    await state.store.put(resource, prepared);
    return;
  }
  if (resource !== 'endpoints' && resource !== 'endpointslices.discovery.k8s.io') return;
  // The server's address may be another one than when the store was written.
  const { metadata: _metadata, ...fields } = object;
  const current = present.copy();
  const next = { ...current, ...structuredClone(fields) };
  if (JSON.stringify(next) !== JSON.stringify(current)) await state.store.put(resource, next);
}

function internalRequest(
  state: ServerState,
  resource: string,
  namespace: string | undefined,
): ResourceRequest {
  const kind = state.registry.byResource(resource);
  const served = kind && state.registry.find(kind.group, kind.version, kind.plural);
  if (!served) throw new Error(`the table of kinds has no ${resource}`);
  return {
    state,
    user: { name: 'system:apiserver', uid: '', groups: ['system:masters'] },
    path: {
      group: served.group,
      version: served.version,
      plural: served.kind.plural,
      namespace,
      name: undefined,
      subresource: undefined,
      watch: false,
    },
    served,
    resource: resourceKey(served.kind),
    query: new URLSearchParams(),
    output: PLAIN_JSON,
    method: 'POST',
    contentType: 'application/json',
    body: Buffer.alloc(0),
    incoming: undefined as never,
    warn: () => undefined,
  };
}

export function systemObjects({
  serviceCIDR,
  advertiseAddress,
  securePort,
}: ClusterSettings): readonly Wanted[] {
  const namespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default'].map(
    (name): Wanted => ({
      resource: 'namespaces',
      namespace: undefined,
      object: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      },
    }),
  );
  const clusterIP = firstAddress(serviceCIDR);
  const port = { name: 'https', port: securePort, protocol: 'TCP' };
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  return [
    ...namespaces,
    {
      resource: 'services',
      namespace: 'default',
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'kubernetes', namespace: 'default', labels },
        spec: {
          clusterIP,
          clusterIPs: [clusterIP],
          internalTrafficPolicy: 'Cluster',
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: securePort }],
          sessionAffinity: 'None',
          type: 'ClusterIP',
        },
        status: { loadBalancer: {} },
      },
    },
    {
      resource: 'endpoints',
      namespace: 'default',
      object: {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
        },
        subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [port] }],
      },
    },
    {
      resource: 'endpointslices.discovery.k8s.io',
      namespace: 'default',
      object: {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: 'kubernetes',
          namespace: 'default',
          labels: { 'kubernetes.io/service-name': 'kubernetes' },
        },
        addressType: 'IPv4',
        endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
        ports: [port],
      },
    },
  ];
}

/** `10.96.0.1` of `10.96.0.0/16`. */
function firstAddress(cidr: string): string {
  const octets = (cidr.split('/')[0] ?? '').split('.').map(Number);
  octets[3] = (octets[3] ?? 0) + 1;
  return octets.join('.');
}
