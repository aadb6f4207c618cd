import {
  isAlreadyExists,
  isNotFound,
  keyOf,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  STORAGE_CLASSES,
} from '../../../api/client/index.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../../api/objects/index.ts';
import { isPodTerminal } from '../../../api/pods.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { classOf, findVolume, isFor, localVolume } from './matching.ts';
import { BIND_COMPLETED, VolumeWrites } from './writes.ts';

/** Written by the scheduler: where the pod that waits for the claim will run. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';

/**
 * Binds claims to volumes, and provides them on node-local directories. pkg/controller/volume/persistentvolume and the work that a
 * provisioner like rancher.io/local-path does.
 */
export function persistentVolumeController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const claims = informers.of<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.of<PersistentVolume>(PERSISTENT_VOLUMES);
  const classes = informers.of<StorageClass>(STORAGE_CLASSES);
  const nodes = informers.of<Node>(NODES);
  const pods = informers.of<Pod>(PODS);
  const events = context.recorder('persistentvolume-controller');
  const writes = new VolumeWrites(client);
  const claimQueue = new ControllerQueue('persistentvolume-binder', context, syncClaim, 1);
  const volumeQueue = new ControllerQueue('persistentvolume', context, syncVolume, 1);

  const waiting = () => {
    for (const claim of claims.list()) if (claim.status?.phase !== 'Bound') claimQueue.add(keyOf(claim));
  };
  claims.on({
    add: (claim) => claimQueue.add(keyOf(claim)),
    update: (claim) => claimQueue.add(keyOf(claim)),
    delete(claim) {
      for (const volume of volumes.list()) if (isFor(volume, claim)) volumeQueue.add(keyOf(volume));
    },
  });
  volumes.on({ add: volumeChanged, update: volumeChanged });
  classes.on({ add: waiting, update: waiting });
  pods.on({ delete: podGone, update: (pod) => isPodTerminal(pod) && podGone(pod) });

  function volumeChanged(volume: PersistentVolume): void {
    volumeQueue.add(keyOf(volume));
    if (volume.spec.claimRef)
      claimQueue.add(`${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`);
    else waiting();
  }

  function podGone({ spec, metadata }: Pod): void {
    for (const { persistentVolumeClaim } of spec.volumes ?? []) {
      if (persistentVolumeClaim) claimQueue.add(`${metadata.namespace}/${persistentVolumeClaim.claimName}`);
    }
  }

  async function syncClaim(key: string): Promise<void> {
    const claim = claims.getByKey(key);
    if (!claim) return;
    if (claim.metadata.deletionTimestamp) return unprotect(claim);
    if (claim.metadata.annotations?.[BIND_COMPLETED]) return checkBound(claim);
    if (claim.spec.volumeName) {
      const volume = volumes.get(claim.spec.volumeName);
      if (volume && (!volume.spec.claimRef || isFor(volume, claim))) await writes.bind(claim, volume);
      return;
    }
    const storageClass = classes.get(classOf(claim) ?? '');
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE];
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
    const node = nodeName ? nodes.get(nodeName) : undefined;
    // With delayed binding the scheduler decides first: an early choice could be out of the pod's reach.
    const mayChoose = !delayed || node !== undefined;
    const found =
      volumes.list().find((volume) => isFor(volume, claim)) ??
      (mayChoose ? findVolume(claim, volumes.list(), node) : undefined);
    if (found) await writes.bind(claim, found);
    else await provisionOrExplain(claim, storageClass, node, delayed);
  }

  async function provisionOrExplain(
    claim: PersistentVolumeClaim,
    storageClass: StorageClass | undefined,
    node: Node | undefined,
    delayed: boolean,
  ): Promise<void> {
    if (!storageClass) {
      const name = classOf(claim);
      if (name)
        events.event(
          claim,
          'Warning',
          'ProvisioningFailed',
          `storageclass.storage.k8s.io "${name}" not found`,
        );
      else
        events.event(
          claim,
          'Normal',
          'FailedBinding',
          'no persistent volumes available for this claim and no storage class is set',
        );
    } else if (delayed && !node) {
      const message = 'waiting for first consumer to be created before binding';
      events.event(claim, 'Normal', 'WaitForFirstConsumer', message);
    } else if (storageClass.provisioner !== 'kubernetes.io/no-provisioner') {
      await provision(claim, storageClass, node ?? anyNode());
    }
  }

  /** Immediate binding: any node that takes pods. */
  const anyNode = () =>
    nodes.list().find(({ spec }) => !spec.unschedulable && (spec.taints ?? []).length === 0);

  async function provision(
    claim: PersistentVolumeClaim,
    { metadata, provisioner, reclaimPolicy = 'Delete' }: StorageClass,
    node: Node | undefined,
  ) {
    if (!node) return;
    const hostname = node.metadata.labels?.['kubernetes.io/hostname'] ?? node.metadata.name ?? '';
    const wanted = localVolume(claim, hostname, { name: metadata.name ?? '', provisioner, reclaimPolicy });
    try {
      const volume = await client.create<PersistentVolume>(PERSISTENT_VOLUMES, wanted);
      const message = `Successfully provisioned volume ${volume.metadata.name}`;
      events.event(claim, 'Normal', 'ProvisioningSucceeded', message);
      await writes.bind(claim, volume);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async function checkBound(claim: PersistentVolumeClaim): Promise<void> {
    const volume = volumes.get(claim.spec.volumeName ?? '');
    if (volume && claim.status?.phase !== 'Bound') return writes.claimStatus(claim, 'Bound', volume);
    if (volume || claim.status?.phase === 'Lost') return;
    events.event(
      claim,
      'Warning',
      'ClaimLost',
      'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    );
    await writes.claimStatus(claim, 'Lost');
  }

  /** A claim stays until no pod uses it. pkg/controller/volume/pvcprotection. */
  async function unprotect({ metadata }: PersistentVolumeClaim): Promise<void> {
    const { name = '', namespace, finalizers = [] } = metadata;
    if (!finalizers.includes(CLAIM_PROTECTION)) return;
    const isUsed = pods
      .list(namespace)
      .some(
        (pod) =>
          !isPodTerminal(pod) &&
          pod.spec.nodeName &&
          (pod.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === name),
      );
    if (isUsed) return;
    const rest = finalizers.filter((finalizer) => finalizer !== CLAIM_PROTECTION);
    const patch = { metadata: { uid: metadata.uid, finalizers: rest.length > 0 ? rest : null } };
    await client.patch(PERSISTENT_VOLUME_CLAIMS, name, namespace, patch);
  }

  async function syncVolume(key: string): Promise<void> {
    const volume = volumes.getByKey(key);
    if (!volume) return;
    const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
    // One that is deleted while it is bound stays until its claim has gone, and is released first.
    if (volume.metadata.deletionTimestamp && volume.status?.phase !== 'Bound')
      return writes.unprotectVolume(volume);
    if (!claimRef?.uid) return writes.volumePhase(volume, 'Available');
    const claim = claims.get(claimRef.name ?? '', claimRef.namespace);
    if (claim?.metadata.uid === claimRef.uid) return;
    await writes.volumePhase(volume, 'Released');
    if (policy !== 'Delete' || volume.metadata.deletionTimestamp) return;
    try {
      await client.delete(PERSISTENT_VOLUMES, volume.metadata.name ?? '', undefined, {
        uid: volume.metadata.uid,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  return {
    ...queueController('persistentvolume', claimQueue),
    start() {
      claimQueue.open();
      volumeQueue.open();
    },
    async stop() {
      await Promise.all([claimQueue.stop(), volumeQueue.stop()]);
    },
    async idle() {
      await Promise.all([claimQueue.idle(), volumeQueue.idle()]);
    },
  };
}
