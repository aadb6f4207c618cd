const NAMESPACE = 'bench-services';

const pod = (name: string, node: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: NAMESPACE, name, labels: { app: name } },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'whoami',
        image: 'whoami',
        readinessProbe: { httpGet: { path: '/health', port: 80 }, periodSeconds: 1 },
      },
    ],
  },
});

const service = (name: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: NAMESPACE, name },
  spec: { selector: { app }, ports: [{ port: 80 }] },
});

/**
 * A pod that asks and one that answers on one node, one that answers on another, a service for each of the two, and as
 * many more as a cluster of the lab's own size has: the kernel walks past their rules.
 */
export function servicesManifest(more: number): { namespace: string; text: string } {
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    pod('asks', 'worker1'),
    pod('near', 'worker1'),
    pod('far', 'worker2'),
    service('near', 'near'),
    service('far', 'far'),
    ...Array.from({ length: more }, (_, index) => service(`more-${index}`, 'far')),
  ];
  return { namespace: NAMESPACE, text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) };
}
