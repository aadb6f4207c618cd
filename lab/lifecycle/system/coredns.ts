import type { Topology } from '../../topology/index.ts';
import { ADDON, deployment, NODE_IMAGE_REF } from './program.ts';

const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };

/** kubeadm's Corefile. */
const corefile = (domain: string) => `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

/** The cluster's DNS: two pods behind kube-dns, which asks the node's server for names that are not the cluster's. */
export function coreDns({ cluster, nodes }: Topology): object[] {
  const { clusterDNS, clusterDomain } = cluster;
  const metadata = (name: string) => ({ namespace: NAMESPACE, name, labels: { ...LABELS, ...ADDON } });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('coredns') },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('coredns'),
      data: { Corefile: corefile(clusterDomain) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...metadata('kube-dns'),
        labels: {
          ...LABELS,
          'kubernetes.io/cluster-service': 'true',
          'kubernetes.io/name': 'CoreDNS',
          ...ADDON,
        },
      },
      spec: {
        clusterIP: clusterDNS,
        selector: LABELS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
    deployment({ namespace: NAMESPACE, name: 'coredns', labels: LABELS }, Math.min(2, nodes.length), {
      serviceAccountName: 'coredns',
      priorityClassName: 'system-cluster-critical',
      dnsPolicy: 'Default', // its own questions go to the node's server
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
      ],
      // Never both on one node, even when only one is Ready as yet.
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: LABELS } },
          ],
        },
      },
      containers: [
        {
          name: 'coredns',
          image: NODE_IMAGE_REF,
          command: ['/usr/local/bin/coredns', '-conf', '/etc/coredns/Corefile'],
          ports: [
            { name: 'dns', containerPort: 53, protocol: 'UDP' },
            { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
            { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
          ],
          livenessProbe: {
            httpGet: { path: '/health', port: 8080 },
            initialDelaySeconds: 60,
            timeoutSeconds: 5,
            failureThreshold: 5,
          },
          readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
          volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
        },
      ],
      volumes: [
        {
          name: 'config-volume',
          configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
        },
      ],
    }),
  ];
}
