import { stringify } from 'yaml';
import type { LoadBalancer, LoadBalancerPool, Topology } from '../../topology/index.ts';
import { ADDON, daemonSet, deployment, hostPodSpec, NODE_IMAGE_REF } from './program.ts';

const NAMESPACE = 'iks';
const PATHS = [
  ['cluster-config', '/etc/hoplab'],
  ['kubernetes', '/etc/kubernetes'],
] as const;

/**
 * MetalLB under the names of the white paper's cluster: a controller that gives addresses to services and a speaker on
 * each node that answers ARP for them.
 */
export function metalLb({ cluster }: Topology): object[] {
  const labels = (component: string) => ({ app: 'metallb', component, release: 'essential-metallb' });
  const metadata = (name: string) => ({ namespace: NAMESPACE, name, labels: { app: 'metallb', ...ADDON } });
  const legacy = cluster.kubeProxy.rules === '1.20';
  // On the pod network, as in Figure 109: it reaches the API by its service, with its account's token.
  const controller = {
    serviceAccountName: 'essential-metallb-controller',
    terminationGracePeriodSeconds: 5,
    tolerations: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
    containers: [
      {
        name: 'controller',
        image: NODE_IMAGE_REF,
        command: ['/usr/local/bin/metallb-controller'],
        args: ['--kubeconfig=', `--release=${legacy ? '0.10' : '0.13'}`, '--port=7472'],
        ports: [{ name: 'monitoring', containerPort: 7472 }],
      },
    ],
  };
  const speaker = hostPodSpec({
    name: 'speaker',
    command: ['/usr/local/bin/metallb-speaker'],
    hostPaths: PATHS,
    spec: { serviceAccountName: 'essential-metallb-speaker' },
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: ADDON } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('essential-metallb-controller') },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('essential-metallb-speaker') },
    ...pools(cluster.loadBalancer, legacy),
    deployment(
      { namespace: NAMESPACE, name: 'essential-metallb-controller', labels: labels('controller') },
      1,
      controller,
    ),
    daemonSet(
      { namespace: NAMESPACE, name: 'essential-metallb-speaker', labels: labels('speaker') },
      speaker,
    ),
  ];
}

/** The pools as MetalLB's releases of the time are told of them: a ConfigMap (Figure 32) until 0.12, objects since. */
function pools({ pools }: LoadBalancer, configMap: boolean): object[] {
  if (pools.length === 0) return [];
  if (configMap) return [poolConfigMap(pools)];
  return [
    ...pools.map(({ name, addresses, autoAssign }) => ({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { namespace: NAMESPACE, name, labels: ADDON },
      spec: { addresses, autoAssign },
    })),
    {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { namespace: NAMESPACE, name: 'all-pools', labels: ADDON },
      spec: {},
    },
  ];
}

/** The labels are the chart's, as the figure prints them. */
function poolConfigMap(pools: readonly LoadBalancerPool[]): object {
  const config = {
    'address-pools': pools.map(({ name, addresses, autoAssign }) => ({
      addresses,
      ...(autoAssign ? {} : { 'auto-assign': false }),
      name,
      protocol: 'layer2',
    })),
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: NAMESPACE,
      name: 'essential-metallb',
      labels: {
        app: 'metallb',
        'app.kubernetes.io/managed-by': 'Helm',
        chart: 'metallb-0.12.0-cisco3-helm3',
        heritage: 'Helm',
        release: 'essential-metallb',
        ...ADDON,
      },
      annotations: {
        'meta.helm.sh/release-name': 'essential-metallb',
        'meta.helm.sh/release-namespace': NAMESPACE,
      },
    },
    data: { config: stringify(config, { indentSeq: false }) },
  };
}
