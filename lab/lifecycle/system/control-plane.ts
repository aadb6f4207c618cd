import type { Topology } from '../../topology/index.ts';
import { NODE_IMAGE_REF } from './program.ts';

interface Component {
  readonly name: string;
  readonly arguments: readonly string[];
  /** Directories of the node that it works on. */
  readonly paths: readonly string[];
}

/** Where the API server keeps its store: a volume of the control plane's, which outlives its container. */
export const STORE_PATH = '/var/lib/apiserver';

function components(topology: Topology): Component[] {
  const { cluster, nodes } = topology;
  const { nodeMonitorGracePeriod, podEvictionTimeout } = cluster.controllers;
  const address = nodes.find(({ role }) => role === 'control-plane')?.interface.address ?? '';
  return [
    {
      name: 'kube-apiserver',
      arguments: [
        `--advertise-address=${address}`,
        `--data-dir=${STORE_PATH}`,
        `--service-cluster-ip-range=${cluster.serviceCIDR}`,
        `--cluster-cidr=${cluster.podCIDR}`,
        `--default-not-ready-toleration-seconds=${podEvictionTimeout}`,
        `--default-unreachable-toleration-seconds=${podEvictionTimeout}`,
      ],
      paths: ['/etc/kubernetes/pki', '/etc/hoplab', STORE_PATH],
    },
    {
      name: 'kube-controller-manager',
      arguments: [
        '--root-ca-file=/etc/kubernetes/pki/ca.crt',
        '--addons-dir=/etc/kubernetes/addons',
        `--node-monitor-grace-period=${nodeMonitorGracePeriod}s`,
      ],
      paths: ['/etc/kubernetes', '/etc/hoplab'],
    },
    { name: 'kube-scheduler', arguments: [], paths: ['/etc/kubernetes', '/etc/hoplab'] },
    ...(cluster.loadBalancer.apiAddress === undefined
      ? []
      : [{ name: 'vip-manager', arguments: [], paths: ['/etc/kubernetes', '/etc/hoplab'] }]),
  ];
}

/** The static pods of the control plane, as kubeadm lays them down: host network, the node's directories mounted. */
export function controlPlanePods(topology: Topology): object[] {
  return components(topology).map(({ name, arguments: args, paths }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'kube-system', name, labels: { component: name, tier: 'control-plane' } },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name,
          image: NODE_IMAGE_REF,
          command: [`/usr/local/bin/${name}`, ...args],
          volumeMounts: paths.map((mountPath, i) => ({ name: `path-${i}`, mountPath })),
        },
      ],
      volumes: paths.map((path, i) => ({ name: `path-${i}`, hostPath: { path, type: 'DirectoryOrCreate' } })),
    },
  }));
}
