import { isDeepStrictEqual } from 'node:util';
import {
  type ApiClient,
  apiVersionOf,
  IP_POOLS,
  IP_RESERVATIONS,
  IPAM_CONFIGS,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KnownResource,
} from '../../../api/client/index.ts';
import type { ClusterConfig } from '../../../api/cluster.ts';
import type { ApiObject } from '../../../api/objects/index.ts';

/** An object that the cluster's configuration decides, as far as `spec` goes. */
export interface ConfiguredObject {
  readonly resource: KnownResource;
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** It says nothing that would not hold without it: none is made. */
  readonly needless?: boolean;
}

interface StoredObject extends ApiObject {
  readonly spec?: Readonly<Record<string, unknown>>;
}

/**
 * The pool, the settings of IPAM and the reserved addresses that the topology asks for, with the names and fields that
 * Calico gives them (node/pkg/lifecycle/startup, createIPPool; libcalico-go lib/ipam, IPAMConfig).
 */
export function configuredObjects(cluster: ClusterConfig): ConfiguredObject[] {
  return [
    {
      resource: IP_POOLS,
      name: 'default-ipv4-ippool',
      spec: {
        cidr: cluster.podCIDR,
        blockSize: cluster.blockSize,
        ipipMode: cluster.encapsulation,
        vxlanMode: 'Never',
        natOutgoing: cluster.natOutgoing,
        nodeSelector: 'all()',
      },
    },
    {
      resource: IPAM_CONFIGS,
      name: 'default',
      spec: { strictAffinity: cluster.strictAffinity, autoAllocateBlocks: true },
    },
    {
      // For people to read: the plugin has the list in its own configuration, as it has the pool's size.
      resource: IP_RESERVATIONS,
      name: 'topology',
      spec: { reservedCIDRs: cluster.reservedCIDRs },
      needless: cluster.reservedCIDRs.length === 0,
    },
  ];
}

/** True when an object says what is wanted; what it says besides is somebody else's. */
export function isUpToDate(stored: StoredObject, wanted: ConfiguredObject): boolean {
  return Object.entries(wanted.spec).every(([field, value]) =>
    isDeepStrictEqual(stored.spec?.[field], value),
  );
}

/**
 * Brings an object up to date, or makes it. Calico does only the latter: its pools are changed by hand, those of a lab by
 * its topology. All nodes want the same, so who is late finds it done.
 */
export async function ensureConfigured(client: ApiClient, wanted: ConfiguredObject): Promise<void> {
  const { resource, name, spec } = wanted;
  try {
    const stored = await client.get<StoredObject>(resource, name);
    if (!isUpToDate(stored, wanted)) await client.patch(resource, name, undefined, { spec });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (wanted.needless) return;
    const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name }, spec };
    await client.create<StoredObject>(resource, object).catch((refusal: unknown) => {
      if (!isAlreadyExists(refusal) && !isConflict(refusal)) throw refusal;
    });
  }
}
