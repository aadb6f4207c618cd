import type { ApiObject } from '../../../api/objects/index.ts';
import type { Pod, PodMetadata, PodSpec } from '../../runtime/index.ts';
import { MIRROR_ANNOTATION, SOURCE_ANNOTATION } from '../static-pod.ts';

/** A pod as the API server has it. */
export interface ApiPod extends ApiObject {
  readonly spec: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string }[];
  } & Readonly<Record<string, unknown>>;
}

export const isMirror = (pod: ApiPod): boolean => pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;

const HAS_ENDED = new Set(['Succeeded', 'Failed']);

/**
 * What the kubelet runs of a pod of the API. Without what changes with every report of the kubelet itself, so that two
 * versions are equal when there is nothing to do.
 */
export function podFromApi(object: ApiPod): Pod {
  const { name = '', namespace = '', uid = '', labels, annotations } = object.metadata;
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
  const metadata: PodMetadata = {
    name,
    namespace,
    uid,
    ...(labels ? { labels } : {}),
    annotations: { ...annotations, [SOURCE_ANNOTATION]: 'api' },
    ...(deletionTimestamp ? { deletionTimestamp } : {}),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
  const phase = object.status?.phase;
  const ended = phase !== undefined && HAS_ENDED.has(phase);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: object.spec,
    ...(ended ? { status: { phase } } : {}),
  };
}
