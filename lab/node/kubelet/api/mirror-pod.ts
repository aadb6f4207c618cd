import type { Pod } from '../../runtime/index.ts';
import { HASH_ANNOTATION, MIRROR_ANNOTATION } from '../static-pod.ts';
import { type ApiPod, isMirror } from './pod-from-api.ts';

export interface NodeOwner {
  readonly name: string;
  readonly uid: string;
}

/** The object that shows a static pod in the API. pkg/kubelet/pod/mirror_client.go CreateMirrorPod. */
export function mirrorPod(pod: Pod, node: NodeOwner): ApiPod {
  const { name, namespace, labels, annotations } = pod.metadata;
  const hash = annotations?.[HASH_ANNOTATION] ?? pod.metadata.uid;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      ...(labels ? { labels: { ...labels } } : {}),
      annotations: { ...annotations, [MIRROR_ANNOTATION]: hash },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }],
    },
    spec: pod.spec,
  };
}

/** A static pod and its mirror share namespace and name. */
export function mirrorKey({ namespace, name }: { namespace?: string; name?: string }): string {
  return `${namespace}/${name}`;
}

export interface MirrorPlan {
  readonly create: readonly Pod[];
  readonly remove: readonly ApiPod[];
}

/**
 * What has to be done so that each static pod has its mirror: missing ones are created, and those that mirror no pod or
 * another version of it, or that somebody has deleted, are removed (and created anew in the next round).
 */
export function planMirrors(statics: readonly Pod[], objects: readonly ApiPod[]): MirrorPlan {
  const wanted = new Map(statics.map((pod) => [mirrorKey(pod.metadata), pod]));
  const present = new Map(objects.map((pod) => [mirrorKey(pod.metadata), pod]));
  const current = (mirror: ApiPod) => {
    const pod = wanted.get(mirrorKey(mirror.metadata));
    const hash = mirror.metadata.annotations?.[MIRROR_ANNOTATION];
    return pod?.metadata.annotations?.[HASH_ANNOTATION] === hash && !mirror.metadata.deletionTimestamp;
  };
  return {
    create: statics.filter((pod) => !present.has(mirrorKey(pod.metadata))),
    remove: objects.filter((pod) => isMirror(pod) && !current(pod)),
  };
}
