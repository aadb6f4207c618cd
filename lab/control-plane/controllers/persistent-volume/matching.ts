import { matchesNodeSelector } from '../../../api/node-affinity.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../api/objects/index.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import { selects } from '../../../api/selectors.ts';

/** The class of a claim; undefined: it waits for an administrator's default. */
export function classOf({ metadata, spec }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName;
}

export const requested = ({ spec }: PersistentVolumeClaim): number =>
  parseQuantity(spec.resources?.requests?.storage ?? '0');
const capacity = ({ spec }: PersistentVolume): number => parseQuantity(spec.capacity?.storage ?? '0');

/** Whether a volume is reserved for, or bound to, this very claim. */
export function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec.claimRef;
  if (reference?.name !== metadata.name || reference?.namespace !== metadata.namespace) return false;
  return !reference?.uid || reference.uid === metadata.uid;
}

/**
 * The smallest free volume that suits a claim. pkg/volume persistentvolume FindMatchingVolume.
 *
 * @param node if known, the volume must be reachable from it
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node?: Node,
): PersistentVolume | undefined {
  const { spec } = claim;
  const suitable = volumes.filter((volume) => {
    const { metadata, spec: offered, status } = volume;
    if (metadata.deletionTimestamp) return false;
    if (isFor(volume, claim)) return true;
    if (offered.claimRef || (status?.phase !== undefined && status.phase !== 'Available')) return false;
    const required = offered.nodeAffinity?.required;
    return (
      (offered.storageClassName ?? '') === (classOf(claim) ?? '') &&
      (offered.volumeMode ?? 'Filesystem') === (spec.volumeMode ?? 'Filesystem') &&
      capacity(volume) >= requested(claim) &&
      (spec.accessModes ?? []).every((mode) => offered.accessModes?.includes(mode)) &&
      (!spec.selector || selects(spec.selector, metadata.labels)) &&
      (!node || !required || matchesNodeSelector(required, node))
    );
  });
  const reserved = suitable.find((volume) => isFor(volume, claim));
  return reserved ?? suitable.sort((a, b) => capacity(a) - capacity(b))[0];
}

/** A new volume for a claim: a directory of the node that the scheduler has chosen. */
export function localVolume(
  claim: PersistentVolumeClaim,
  nodeName: string,
  storageClass: { readonly name: string; readonly provisioner: string; readonly reclaimPolicy: string },
): PersistentVolume {
  const { name = '', namespace = '', uid = '' } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner },
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.storage ?? '0' },
      accessModes: claim.spec.accessModes ?? ['ReadWriteOnce'],
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy,
      storageClassName: storageClass.name,
      hostPath: {
        path: `${VOLUMES_DIRECTORY}/${volumeName}_${namespace}_${name}`,
        type: 'DirectoryOrCreate',
      },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] },
          ],
        },
      },
    },
  };
}

/** On the node's own volume, so that the data survives the node's container. */
const VOLUMES_DIRECTORY = '/var/lib/kubelet/volumes';
