import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/objects/index.ts';

/** Reads claims and volumes. @throws Error that says which one is missing */
export interface Claims {
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim>;
  volume(name: string): Promise<PersistentVolume>;
}

/**
 * The path on the node of a bound claim's volume; the lab has volumes of type hostPath and local.
 * @throws Error with the real kubelet's words (pkg/kubelet/volumemanager/populator)
 */
export async function claimPath(claims: Claims, namespace: string, name: string): Promise<string> {
  const problem = (why: string) => new Error(`error processing PVC ${namespace}/${name}: ${why}`);
  const claim = await claims.claim(namespace, name).catch((error: Error) => {
    throw problem(`failed to fetch PVC from API server: ${error.message}`);
  });
  if (claim.metadata.deletionTimestamp) throw problem('PVC is being deleted');
  const { volumeName } = claim.spec;
  if (claim.status?.phase !== 'Bound' || !volumeName) throw problem('PVC is not bound');
  const volume = await claims.volume(volumeName).catch((error: Error) => {
    throw problem(`failed to fetch PV ${volumeName} from API server: ${error.message}`);
  });
  const path = volume.spec.local?.path ?? volume.spec.hostPath?.path;
  if (path === undefined) throw problem(`PV ${volumeName} is neither local nor a hostPath`);
  return path;
}
