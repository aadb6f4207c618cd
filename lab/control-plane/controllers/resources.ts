import {
  BLOCK_AFFINITIES,
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  EVENTS,
  INGRESSES,
  IP_ADDRESS_POOLS,
  type KnownResource,
  L2_ADVERTISEMENTS,
  LEASES,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  REPLICA_SETS,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICES,
  STORAGE_CLASSES,
} from '../../api/client/index.ts';

/** What lives in a namespace and goes with it. Owners before the owned, or controllers would replace what is deleted. */
export const NAMESPACED: readonly KnownResource[] = [
  DEPLOYMENTS,
  DAEMON_SETS,
  REPLICA_SETS,
  SERVICES,
  PODS,
  CONTROLLER_REVISIONS,
  ENDPOINTS,
  ENDPOINT_SLICES,
  CONFIG_MAPS,
  SECRETS,
  SERVICE_ACCOUNTS,
  PERSISTENT_VOLUME_CLAIMS,
  INGRESSES,
  NETWORK_POLICIES,
  LEASES,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  EVENTS,
];

/** What may be owned or own: everything but Events, of which there are many and which own nothing. */
export const COLLECTABLE: readonly KnownResource[] = [
  ...NAMESPACED.filter((resource) => resource !== EVENTS),
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUMES,
  STORAGE_CLASSES,
  BLOCK_AFFINITIES,
];

/** The resource of an owner reference, if it is a kind that is served here. */
export function resourceOfKind(apiVersion: string, kind: string): KnownResource | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return COLLECTABLE.find((resource) => resource.kind === kind && resource.group === group);
}
