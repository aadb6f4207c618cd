/** The image name that stands for the node's own root file system. */
export const NODE_IMAGE_REF = 'hoplab/node';

/** Directories of the node that calico-node works on, as the real DaemonSet mounts them. */
const CALICO_HOST_PATHS = [
  ['cluster-config', '/etc/hoplab'],
  ['kubernetes', '/etc/kubernetes'],
  ['calico-config', '/etc/calico'],
  ['cni-bin-dir', '/opt/cni/bin'],
  ['cni-net-dir', '/etc/cni/net.d'],
  ['var-run-calico', '/run/calico'],
  ['var-run-bird', '/run/bird'],
  ['var-run-hoplab', '/run/hoplab'],
] as const;

/** The label by which the addon manager knows what is its own. */
export const ADDON = { 'addonmanager.kubernetes.io/mode': 'Reconcile' } as const;

/**
 * calico-node on every node: host network, Felix and BIRD in one container, the node's CNI and Calico directories
 * mounted. A node is NotReady until its pod has installed the CNI configuration.
 */
export function calicoNodeDaemonSet(): object {
  const labels = { 'k8s-app': 'calico-node' };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { namespace: 'kube-system', name: 'calico-node', labels: { ...labels, ...ADDON } },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          terminationGracePeriodSeconds: 0,
          tolerations: [{ operator: 'Exists' }],
          containers: [
            {
              name: 'calico-node',
              image: NODE_IMAGE_REF,
              command: ['/usr/local/bin/calico-node'],
              securityContext: { privileged: true },
              volumeMounts: CALICO_HOST_PATHS.map(([name, mountPath]) => ({ name, mountPath })),
            },
          ],
          volumes: CALICO_HOST_PATHS.map(([name, path]) => ({
            name,
            hostPath: { path, type: 'DirectoryOrCreate' },
          })),
        },
      },
    },
  };
}

/** The class of PersistentVolumeClaims that name none: directories of the node that runs the pod. */
export function standardStorageClass(): object {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'standard',
      labels: ADDON,
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'hoplab.io/node-local',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}
