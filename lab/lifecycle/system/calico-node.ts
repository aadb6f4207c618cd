import { daemonSet, hostPodSpec } from './program.ts';

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

/**
 * calico-node on every node: host network, Felix and BIRD in one container, the node's CNI and Calico directories
 * mounted. A node is NotReady until its pod has installed the CNI configuration.
 */
export function calicoNode(): object[] {
  return [
    daemonSet(
      { namespace: 'kube-system', name: 'calico-node', labels: { 'k8s-app': 'calico-node' } },
      hostPodSpec({
        name: 'calico-node',
        command: ['/usr/local/bin/calico-node'],
        hostPaths: CALICO_HOST_PATHS,
        spec: { terminationGracePeriodSeconds: 0 },
      }),
    ),
  ];
}
