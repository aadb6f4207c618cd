import type { Ingress, Topology } from '../../topology/index.ts';
import { ADDON, daemonSet, deployment } from './program.ts';

const NAMESPACE = 'iks';
/** The chart's names in the white paper (Figures 34 and 35). */
const CONTROLLER = 'essential-nginx-ingress-ingress-nginx-controller';
const BACKEND = 'essential-nginx-ingress-ingress-nginx-defaultbackend';
const labels = (component: string) => ({
  'app.kubernetes.io/name': 'ingress-nginx',
  'app.kubernetes.io/instance': 'essential-nginx-ingress',
  'app.kubernetes.io/component': component,
});

/** The nginx ingress controller on each worker, behind a load-balancer address, and its default backend. */
export function ingressController({ cluster }: Topology): object[] {
  const pinned = cluster.ingress;
  if (!pinned) return [];
  const metadata = (name: string, component: string) => ({
    namespace: NAMESPACE,
    name,
    labels: { ...labels(component), ...ADDON },
  });
  return [
    // Also MetalLB's, whose file comes after this one.
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: ADDON } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadata('essential-nginx-ingress', 'controller'),
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      // Not the default class: Figure 116 has none, and the controller serves what names none.
      metadata: { name: 'nginx', labels: { ...labels('controller'), ...ADDON } },
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(CONTROLLER, 'controller'), data: {} },
    controllerService(pinned, metadata(CONTROLLER, 'controller')),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(BACKEND, 'default-backend'),
      spec: {
        ...(pinned.defaultBackendIP === undefined ? {} : { clusterIP: pinned.defaultBackendIP }),
        selector: labels('default-backend'),
        ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      },
    },
    deployment({ namespace: NAMESPACE, name: BACKEND, labels: labels('default-backend') }, 1, {
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'default-backend',
          image: 'defaultbackend',
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 },
        },
      ],
    }),
    daemonSet({ namespace: NAMESPACE, name: CONTROLLER, labels: labels('controller') }, controllerPod()),
  ];
}

function controllerService(pinned: Ingress, metadata: object): object {
  const port = (name: string, number: number, nodePort: number | undefined) => ({
    name,
    port: number,
    targetPort: name,
    ...(nodePort === undefined ? {} : { nodePort }),
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      ...(pinned.clusterIP === undefined ? {} : { clusterIP: pinned.clusterIP }),
      ...(pinned.loadBalancerIP === undefined ? {} : { loadBalancerIP: pinned.loadBalancerIP }),
      selector: labels('controller'),
      ports: [port('http', 80, pinned.httpNodePort), port('https', 443, pinned.httpsNodePort)],
    },
  };
}

/** Workers only: the control plane's taint is not tolerated. */
function controllerPod(): object {
  return {
    serviceAccountName: 'essential-nginx-ingress',
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: 'controller',
        image: 'ingress-nginx',
        args: [
          '/usr/local/bin/nginx-ingress-controller',
          `--default-backend-service=${NAMESPACE}/${BACKEND}`,
          `--publish-service=${NAMESPACE}/${CONTROLLER}`,
          '--election-id=ingress-controller-leader',
          '--ingress-class=nginx',
          '--watch-ingress-without-class=true',
          `--configmap=${NAMESPACE}/${CONTROLLER}`,
        ],
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        ],
        ports: [
          { name: 'http', containerPort: 80 },
          { name: 'https', containerPort: 443 },
        ],
        readinessProbe: { httpGet: { path: '/healthz', port: 10254 }, periodSeconds: 1 },
        livenessProbe: {
          httpGet: { path: '/healthz', port: 10254 },
          initialDelaySeconds: 10,
          failureThreshold: 5,
        },
      },
    ],
  };
}
