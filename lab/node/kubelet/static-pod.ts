import type { Pod } from '../runtime/index.ts';

/** Annotations by which the kubelet tells where a pod came from. pkg/kubelet/types/pod_update.go. */
export const SOURCE_ANNOTATION = 'kubernetes.io/config.source';
export const HASH_ANNOTATION = 'kubernetes.io/config.hash';
export const SEEN_ANNOTATION = 'kubernetes.io/config.seen';
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** Whether the pod came from the API server. */
export const isFromApi = (pod: Pod): boolean => pod.metadata.annotations?.[SOURCE_ANNOTATION] === 'api';
/** Whether the pod came from a file. */
export const isStatic = (pod: Pod): boolean => !isFromApi(pod);

/**
 * A pod of a file as a node of a cluster runs it: named after its node too, so that the pods of one manifest on
 * several nodes can be told apart. pkg/kubelet/config/common.go applyDefaults.
 * @param seen RFC 3339
 */
export function staticPod(pod: Pod, nodeName: string, seen: string): Pod {
  // The real one is an MD5 in hexadecimal without hyphens; it is the pod's uid on the node and its hash in the API.
  const uid = pod.metadata.uid.replaceAll('-', '');
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name: `${pod.metadata.name}-${nodeName.toLowerCase()}`,
      uid,
      annotations: {
        ...pod.metadata.annotations,
        [HASH_ANNOTATION]: uid,
        [SEEN_ANNOTATION]: seen,
        [SOURCE_ANNOTATION]: 'file',
      },
    },
    spec: {
      ...pod.spec,
      nodeName,
      // Taints never evict what a file asks for.
      tolerations: [...(pod.spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
    },
  };
}

/** A pod of a file as text, without the time at which a kubelet first saw it: the next one sees it at another. */
function content(pod: Pod): string {
  const { [SEEN_ANNOTATION]: _seen, ...annotations } = pod.metadata.annotations ?? {};
  return JSON.stringify({ ...pod, metadata: { ...pod.metadata, annotations } });
}

/**
 * Same pod: it goes on. Anything else replaces it. A pod of the API keeps its uid through its changes; one of a file is
 * a new pod with every change.
 */
export function samePod(a: Pod, b: Pod): boolean {
  return a.metadata.uid === b.metadata.uid && (isFromApi(a) || content(a) === content(b));
}
