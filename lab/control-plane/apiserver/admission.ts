import { forbidden, type KubeObject, notFound } from '../registry/index.ts';
import type { ResourceRequest } from './context.ts';

/**
 * What a real server's default admission plugins do to a new object: the namespace must exist and live
 * (NamespaceLifecycle), pods get tolerations, priority and service account, claims and ingresses their default class.
 * @throws StatusError 403 or 404
 */
export function admitCreate(request: ResourceRequest, object: KubeObject): void {
  const { path, resource } = request;
  if (path.namespace !== undefined) namespaceLifecycle(request, path.namespace, object);
  if (resource === 'pods') admitPod(request, object);
  if (resource === 'persistentvolumeclaims') defaultStorageClass(request, object);
  if (resource === 'ingresses.networking.k8s.io') defaultIngressClass(request, object);
}

function namespaceLifecycle(request: ResourceRequest, name: string, object: KubeObject): void {
  const namespace = request.state.store.latest('namespaces', undefined, name)?.object;
  if (!namespace) throw notFound({ group: '', name: 'namespaces' }, name);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    request.served.resource,
    object.metadata.name,
    `unable to create new content in namespace ${name} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${name} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
}

interface PodSpec {
  serviceAccountName?: string;
  serviceAccount?: string;
  priority?: number;
  priorityClassName?: string;
  preemptionPolicy?: string;
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number }[];
}

/** The two classes every cluster has (scheduling/bootstrap-system-priority-classes). */
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

function admitPod(request: ResourceRequest, object: KubeObject): void {
  const spec = (object.spec ?? {}) as PodSpec;
  object.spec = spec;
  // The kubelet's mirror of a static pod has no account.
  const isMirror = object.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
  if (!isMirror) serviceAccount(request, object, spec);
  if (spec.priorityClassName !== undefined) {
    const priority = SYSTEM_PRIORITIES[spec.priorityClassName];
    if (priority === undefined)
      throw forbidden(
        request.served.resource,
        object.metadata.name,
        `no PriorityClass with name ${spec.priorityClassName} was found`,
      );
    spec.priority = priority;
  }
  spec.priority ??= 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  // DefaultTolerationSeconds.
  const { notReadyTolerationSeconds, unreachableTolerationSeconds } = request.state.settings;
  for (const [key, tolerationSeconds] of [
    ['node.kubernetes.io/not-ready', notReadyTolerationSeconds],
    ['node.kubernetes.io/unreachable', unreachableTolerationSeconds],
  ] as const) {
    const tolerated = (spec.tolerations ?? []).some(
      (toleration) =>
        (toleration.key === key || !toleration.key) &&
        (toleration.effect === 'NoExecute' || !toleration.effect),
    );
    if (tolerated) continue;
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
    ];
  }
}

function serviceAccount(request: ResourceRequest, object: KubeObject, spec: PodSpec): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount ?? 'default';
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
  const { store } = request.state;
  const namespace = request.path.namespace ?? '';
  // The controller that makes `default` may not have come to this namespace yet; nothing of it is needed here.
  if (name === 'default' || store.latest('serviceaccounts', namespace, name)) return;
  throw forbidden(
    request.served.resource,
    object.metadata.name,
    `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
  );
}

function defaultStorageClass({ state }: ResourceRequest, object: KubeObject): void {
  const spec = object.spec as { storageClassName?: string } | undefined;
  if (!spec || spec.storageClassName !== undefined) return;
  const name = defaultOf(
    state.registry.byResource('storageclasses.storage.k8s.io')
      ? state.store.listLatest('storageclasses.storage.k8s.io')
      : [],
    'storageclass.kubernetes.io/is-default-class',
  );
  if (name !== undefined) spec.storageClassName = name;
}

function defaultIngressClass({ state }: ResourceRequest, object: KubeObject): void {
  const spec = object.spec as { ingressClassName?: string } | undefined;
  if (!spec || spec.ingressClassName !== undefined) return;
  if (object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
  const name = defaultOf(
    state.registry.byResource('ingressclasses.networking.k8s.io')
      ? state.store.listLatest('ingressclasses.networking.k8s.io')
      : [],
    'ingressclass.kubernetes.io/is-default-class',
  );
  if (name !== undefined) spec.ingressClassName = name;
}

function defaultOf(
  classes: readonly { readonly object: KubeObject }[],
  annotation: string,
): string | undefined {
  return classes.find(({ object }) => object.metadata.annotations?.[annotation] === 'true')?.object.metadata
    .name;
}
