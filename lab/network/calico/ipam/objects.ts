/**
 * The objects IPAM keeps in the datastore, with the field names of Calico's CRDs (`ipamblocks`, `blockaffinities`,
 * `ipamhandles` of crd.projectcalico.org/v1; libcalico-go lib/backend/model).
 */
export interface IpamKinds {
  IPAMBlock: AllocationBlock;
  BlockAffinity: BlockAffinity;
  IPAMHandle: IpamHandle;
}

/** A block of addresses and who has which of them. */
export interface AllocationBlock {
  readonly cidr: string;
  /** `host:<node name>`, or null when its node has gone and addresses are still in use. */
  readonly affinity: string | null;
  /** By ordinal: index into `attributes`, or null when the address is free. */
  readonly allocations: readonly (number | null)[];
  /** Free ordinals; addresses are taken from the head and come back at the tail. */
  readonly unallocated: readonly number[];
  readonly attributes: readonly AllocationAttribute[];
}

export interface AllocationAttribute {
  readonly handle_id: string;
  /** e.g. `{ namespace, pod, node }`, or `{ node, type: 'ipipTunnelAddress' }`. */
  readonly secondary: Readonly<Record<string, string>>;
}

/** A node's claim on a block: pending before the block is made, confirmed after. */
export interface BlockAffinity {
  readonly cidr: string;
  readonly node: string;
  readonly state: 'pending' | 'confirmed' | 'pendingDeletion';
}

/** Where the addresses of one handle are: block CIDR → number of addresses. */
export interface IpamHandle {
  readonly handleID: string;
  readonly block: Readonly<Record<string, number>>;
}

/** `192.168.8.192/26` → `192-168-8-192-26`, the name of the block's object. */
export function blockKey(cidr: string): string {
  return cidr.replace(/[./]/g, '-');
}

/** Name of the affinity object of a node and a block. */
export function affinityKey(node: string, cidr: string): string {
  return `${node}-${blockKey(cidr)}`;
}

/** Handle of a pod's addresses: name of the CNI network and container id. */
export function podHandle(networkName: string, containerID: string): string {
  return `${networkName}.${containerID}`;
}

/** Handle of the address of a node's tunl0. */
export function tunnelHandle(node: string): string {
  return `ipip-tunnel-addr-${node}`;
}

/** Value of a block's `affinity` for a node. */
export function hostAffinity(node: string): string {
  return `host:${node}`;
}

/** The node of a block's affinity, undefined when it has none. */
export function affineNode(block: AllocationBlock): string | undefined {
  return block.affinity?.startsWith('host:') ? block.affinity.slice('host:'.length) : undefined;
}
