import { type Assigned, type Ipam, IpamError, type Owner } from '../../network/calico/ipam/index.ts';
import { CNI_ERROR, CniError } from './errors.ts';
import { addressRouted, hostInterfaceExists } from './wire.ts';

/** What is asked for: the pinned address, and for whom. */
export interface PinnedRequest {
  readonly config: { readonly nodeName: string };
  readonly pinned: string;
  /** The pod's host end, by name the same for all its sandboxes. */
  readonly hostInterface: string;
  readonly owner: Owner;
}

/** What is still there of an earlier sandbox. */
export interface Remains {
  readonly hostInterface: boolean;
  readonly route: boolean;
}

/**
 * The address that a pod's annotation asks for, if need be from an earlier sandbox of the pod that is gone.
 *
 * Calico gives addresses back by handle, that is by container id, and by nothing else: the runtime owes it a DEL for
 * each ADD, and kube-controllers collects what was missed. A lab's kubelet may lose the volume in which it keeps its
 * container ids, or a container of a node be made anew with all namespaces gone, and there is no collector yet that
 * knows the pods. A pinned address would then be held for ever by the very pod that asks for it. A sandbox that lives
 * is not robbed: as long as it does, its veth pair does too, and the host end is on this node. (Nor can one be between
 * its address and its veth pair: a kubelet makes one sandbox of a pod at a time.)
 *
 * @throws {IpamError} as `assignIP`
 * @throws {CniError} when the earlier sandbox is still attached
 */
export async function assignPinned(ipam: Ipam, request: PinnedRequest): Promise<Assigned> {
  const { config, pinned, hostInterface, owner } = request;
  try {
    return await ipam.assignIP(config.nodeName, pinned, owner);
  } catch (error) {
    if (!(error instanceof IpamError && error.code === 'taken')) throw error;
    const holder = await ipam.ownerOf(pinned);
    if (!holder || !isEarlierSandbox(holder, owner)) throw error;
    const remains = { hostInterface: hostInterfaceExists(hostInterface), route: addressRouted(pinned) };
    if (remains.hostInterface || remains.route) throw stillAttached(error, holder, hostInterface, remains);
    await ipam.releaseByHandle(holder.handle);
    return ipam.assignIP(config.nodeName, pinned, owner);
  }
}

/** True when both are sandboxes of one pod on one node. */
export function isEarlierSandbox(holder: Owner, asking: Owner): boolean {
  const { namespace, pod, node } = asking.attributes;
  const other = holder.attributes;
  return (
    pod !== undefined &&
    holder.handle !== asking.handle &&
    other.namespace === namespace &&
    other.pod === pod &&
    other.node === node
  );
}

function stillAttached(error: IpamError, holder: Owner, hostInterface: string, remains: Remains): CniError {
  const what = remains.hostInterface ? `interface ${hostInterface}` : 'a route to the address';
  return new CniError(
    CNI_ERROR.addressTaken,
    `${error.message}: an earlier sandbox of this pod is still attached, there is ${what}`,
    `handle ${holder.handle}; DEL of that container comes before ADD of another`,
  );
}
