import { createHash } from 'node:crypto';

/** The image name that stands for the node's own root file system. */
export const NODE_IMAGE_REF = 'hoplab/node';

/** Directories of the node that calico-node works on, as the real DaemonSet mounts them. */
const CALICO_HOST_PATHS = [
  ['cluster-config', '/etc/hoplab'],
  ['calico-config', '/etc/calico'],
  ['cni-bin-dir', '/opt/cni/bin'],
  ['cni-net-dir', '/etc/cni/net.d'],
  ['calico-data', '/var/lib/calico'],
  ['var-run-calico', '/run/calico'],
  ['var-run-bird', '/run/bird'],
  ['var-run-hoplab', '/run/hoplab'],
] as const;

/**
 * The calico-node pod of one node: host network, Felix and BIRD in one container, the node's CNI and Calico
 * directories mounted. It is a static pod until there is an API server to keep a DaemonSet.
 *
 * @param node the node's short name; the pod's suffix is derived from it, so that it stays the same
 */
export function calicoNodePod(node: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'kube-system',
      name: `calico-node-${podSuffix(`calico-node/${node}`)}`,
      labels: { 'k8s-app': 'calico-node' },
    },
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
          env: [{ name: 'HOPLAB_NODE', value: node }],
          securityContext: { privileged: true },
          volumeMounts: CALICO_HOST_PATHS.map(([name, mountPath]) => ({ name, mountPath })),
        },
      ],
      volumes: CALICO_HOST_PATHS.map(([name, path]) => ({
        name,
        hostPath: { path, type: 'DirectoryOrCreate' },
      })),
    },
  };
}

/** Five characters as Kubernetes appends them to pod names (its alphabet has no vowels), from a hash. */
export function podSuffix(seed: string): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const digest = createHash('sha256').update(seed).digest();
  return Array.from(digest.subarray(0, 5), (byte) => alphabet[byte % alphabet.length]).join('');
}
