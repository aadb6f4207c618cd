import { daemonSet, hostPodSpec } from './program.ts';

/** kube-proxy on every node: services to iptables rules in the node's own network. */
export function kubeProxy(): object[] {
  const labels = { 'k8s-app': 'kube-proxy' };
  return [
    daemonSet(
      { namespace: 'kube-system', name: 'kube-proxy', labels },
      hostPodSpec({
        name: 'kube-proxy',
        command: ['/usr/local/bin/kube-proxy'],
        hostPaths: [
          ['cluster-config', '/etc/hoplab'],
          ['kubernetes', '/etc/kubernetes'],
        ],
      }),
    ),
  ];
}
