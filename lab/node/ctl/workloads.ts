import { findCondition } from '../../api/conditions.ts';
import { MANIFEST_ANNOTATION } from '../../api/manifest.ts';
import type { DaemonSet, Deployment, Node, Pod } from '../../api/objects/index.ts';
import { isPodReady } from '../../api/pods.ts';

export const WORKLOAD_KINDS = ['DaemonSet', 'Deployment', 'Pod'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** Something that `up` applies and waits for. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** Value of {@link MANIFEST_ANNOTATION} that it must have. */
  readonly manifest: string;
  /** Pods it must have at least: a DaemonSet knows only of nodes that have registered already. */
  readonly pods: number;
}

/**
 * Reads `KIND/NAMESPACE/NAME@MANIFEST*PODS`.
 *
 * @throws Error when the text has another form
 */
export function parseWorkload(text: string): Workload {
  const [, kind, namespace = '', name = '', manifest = '', pods] =
    /^(\w+)\/([^/@]+)\/([^/@]+)@(\w+)\*(\d+)$/.exec(text) ?? [];
  const known = WORKLOAD_KINDS.find((candidate) => candidate === kind);
  if (!known) throw new Error(`"${text}" is not KIND/NAMESPACE/NAME@MANIFEST*PODS`);
  return { kind: known, namespace, name, manifest, pods: Number(pods) };
}

/**
 * Why a workload is not there yet; undefined when it is. The conditions are those of `kubectl rollout status`
 * (kubectl pkg/polymorphichelpers/rollout_status.go): the controller has seen this generation, and every pod is new
 * and ready.
 */
export function pendingWorkload(
  { kind, namespace, name, manifest, pods }: Workload,
  object: DaemonSet | Deployment | Pod | undefined,
): string | undefined {
  const subject = `${kind} ${namespace}/${name}`;
  if (!object) return `${subject} has not been applied yet`;
  if (object.metadata.annotations?.[MANIFEST_ANNOTATION] !== manifest)
    return `${subject} is still of an earlier manifest`;
  if (object.metadata.deletionTimestamp) return `${subject} is being replaced`;
  if (kind === 'Pod') {
    const pod = object as Pod;
    if (isPodReady(pod) || pod.status?.phase === 'Succeeded') return undefined;
    return `${subject} is ${pod.status?.phase ?? 'Pending'}`;
  }
  const counted = kind === 'DaemonSet' ? daemonSetCounts(object as DaemonSet) : counts(object as Deployment);
  if (!counted.observed) return `${subject} has not been seen by its controller yet`;
  const wanted = Math.max(pods, counted.wanted);
  const { ready } = counted;
  return ready >= wanted ? undefined : `${subject} has ${ready} of ${wanted} pods ready`;
}

function daemonSetCounts({ metadata, status }: DaemonSet) {
  return {
    observed: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    wanted: status?.desiredNumberScheduled ?? 0,
    ready: Math.min(status?.numberReady ?? 0, status?.updatedNumberScheduled ?? 0),
  };
}

function counts({ metadata, spec, status }: Deployment) {
  return {
    observed: (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0),
    wanted: spec.replicas ?? 1,
    ready: Math.min(status?.readyReplicas ?? 0, status?.updatedReplicas ?? 0),
  };
}

/** The name in `Node/NAME`; undefined for another text. */
export const parseNode = (text: string): string | undefined => /^Node\/([^/@]+)$/.exec(text)?.[1];

/**
 * Why a node of a new cluster is not there yet; undefined when it is: the kubelet says Ready, and calico-node that it has its
 * routes. A node that was there before shows what it was then.
 */
export function pendingNode(name: string, node: Node | undefined): string | undefined {
  if (!node) return `node ${name} has not registered yet`;
  const ready = findCondition(node.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return `node ${name} is not ready: ${ready?.message ?? 'no status yet'}`;
  const network = findCondition(node.status?.conditions, 'NetworkUnavailable');
  return network?.status === 'False' ? undefined : `calico-node of ${name} has not said that it is up`;
}
