import { describe, expect, it } from 'vitest';
import type {
  Event,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../api/objects/index.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from './testing/api.ts';
import { testClusters } from './testing/clusters.ts';

const newCluster = testClusters();

describe('PersistentVolumes', () => {
  it('a claim waits for its pod, gets a directory of the node, and is cleaned up', async () => {
    const cluster = await newCluster();
    const storageClass: StorageClass = {
      metadata: { name: 'standard' },
      provisioner: 'hoplab/node-directory',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    await cluster.api.load(STORAGE_CLASSES, storageClass);
    const claim: PersistentVolumeClaim = {
      metadata: { name: 'data', namespace: 'roll', finalizers: ['kubernetes.io/pvc-protection'] },
      spec: {
        storageClassName: 'standard',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    };
    await cluster.api.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, claim);
    await cluster.run(1000);
    expect(cluster.objects<Event>('events').map(({ reason }) => reason)).toContain('WaitForFirstConsumer');
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    const pod: Pod = {
      metadata: { name: 'p', namespace: 'roll' },
      spec: { containers: [{ name: 'c' }], volumes },
    };
    await cluster.api.create<Pod>(PODS, pod);
    await cluster.run(1000);
    const [bound] = cluster.objects<PersistentVolumeClaim>('persistentvolumeclaims');
    const [volume] = cluster.objects<PersistentVolume>('persistentvolumes');
    const [running] = cluster.objects<Pod>('pods');
    expect(bound?.status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
    });
    expect(volume?.status?.phase).toBe('Bound');
    expect(volume?.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values).toEqual([
      running?.spec.nodeName,
    ]);

    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, 'data', 'roll');
    await cluster.run(1000);
    expect(cluster.objects('persistentvolumeclaims')).toHaveLength(1);
    await cluster.api.delete(PODS, 'p', 'roll');
    await cluster.run(5000);
    expect(cluster.objects('persistentvolumeclaims')).toHaveLength(0);
    expect(cluster.objects('persistentvolumes')).toHaveLength(0);
  });

  it('a volume that is deleted while it is bound goes when its claim has gone', async () => {
    const cluster = await newCluster();
    await cluster.api.create<PersistentVolume>(PERSISTENT_VOLUMES, {
      metadata: { name: 'kept', finalizers: ['kubernetes.io/pv-protection'] },
      spec: {
        storageClassName: 'manual',
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: '/tmp/kept' },
      },
    });
    await cluster.api.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, {
      metadata: { name: 'data', namespace: 'roll' },
      spec: {
        storageClassName: 'manual',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    });
    await cluster.run(1000);
    const phase = () => cluster.objects<PersistentVolume>('persistentvolumes')[0]?.status?.phase;
    expect(phase()).toBe('Bound');
    await cluster.api.delete(PERSISTENT_VOLUMES, 'kept', undefined);
    await cluster.run(1000);
    expect(phase()).toBe('Bound');
    await cluster.api.delete(PERSISTENT_VOLUME_CLAIMS, 'data', 'roll');
    await cluster.run(1000);
    expect(cluster.objects('persistentvolumes')).toHaveLength(0);
  });
});
