/** Names a kind of the API by its path. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** A resource with what is needed to write its objects. */
export interface KnownResource extends ResourceRef {
  readonly kind: string;
  readonly namespaced: boolean;
}

const known = (
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): KnownResource => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

export const NAMESPACES = known('', 'v1', 'namespaces', 'Namespace', false);
export const NODES = known('', 'v1', 'nodes', 'Node', false);
export const PODS = known('', 'v1', 'pods', 'Pod');
export const SERVICES = known('', 'v1', 'services', 'Service');
export const ENDPOINTS = known('', 'v1', 'endpoints', 'Endpoints');
export const CONFIG_MAPS = known('', 'v1', 'configmaps', 'ConfigMap');
export const SECRETS = known('', 'v1', 'secrets', 'Secret');
export const SERVICE_ACCOUNTS = known('', 'v1', 'serviceaccounts', 'ServiceAccount');
export const EVENTS = known('', 'v1', 'events', 'Event');
export const PERSISTENT_VOLUMES = known('', 'v1', 'persistentvolumes', 'PersistentVolume', false);
export const PERSISTENT_VOLUME_CLAIMS = known('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim');
export const DEPLOYMENTS = known('apps', 'v1', 'deployments', 'Deployment');
export const REPLICA_SETS = known('apps', 'v1', 'replicasets', 'ReplicaSet');
export const DAEMON_SETS = known('apps', 'v1', 'daemonsets', 'DaemonSet');
export const CONTROLLER_REVISIONS = known('apps', 'v1', 'controllerrevisions', 'ControllerRevision');
export const INGRESSES = known('networking.k8s.io', 'v1', 'ingresses', 'Ingress');
export const INGRESS_CLASSES = known('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', false);
export const NETWORK_POLICIES = known('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy');
export const ENDPOINT_SLICES = known('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
export const LEASES = known('coordination.k8s.io', 'v1', 'leases', 'Lease');
export const STORAGE_CLASSES = known('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false);
export const IP_POOLS = known('crd.projectcalico.org', 'v1', 'ippools', 'IPPool', false);
export const BLOCK_AFFINITIES = known(
  'crd.projectcalico.org',
  'v1',
  'blockaffinities',
  'BlockAffinity',
  false,
);
const calico = (plural: string, kind: string) => known('crd.projectcalico.org', 'v1', plural, kind, false);
export const IPAM_BLOCKS = calico('ipamblocks', 'IPAMBlock');
export const IPAM_HANDLES = calico('ipamhandles', 'IPAMHandle');
export const IPAM_CONFIGS = calico('ipamconfigs', 'IPAMConfig');
export const IP_RESERVATIONS = calico('ipreservations', 'IPReservation');
export const IP_ADDRESS_POOLS = known('metallb.io', 'v1beta1', 'ipaddresspools', 'IPAddressPool');
export const L2_ADVERTISEMENTS = known('metallb.io', 'v1beta1', 'l2advertisements', 'L2Advertisement');

/** e.g. `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(ref: ResourceRef): string {
  return ref.group === '' ? ref.version : `${ref.group}/${ref.version}`;
}

/** Key of a resource, e.g. `deployments.apps`, `pods`. */
export function resourceKey(ref: ResourceRef): string {
  return ref.group === '' ? ref.plural : `${ref.plural}.${ref.group}`;
}

/** URL path of a resource, of one object, or of its subresource. */
export function resourcePath(
  ref: ResourceRef,
  place: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  } = {},
): string {
  const parts = [ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`];
  if (place.namespace) parts.push('namespaces', encodeURIComponent(place.namespace));
  parts.push(ref.plural);
  if (place.name !== undefined) parts.push(encodeURIComponent(place.name));
  if (place.subresource) parts.push(place.subresource);
  return parts.join('/');
}
