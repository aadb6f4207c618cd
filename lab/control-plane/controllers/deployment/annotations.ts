import type { Deployment, ReplicaSet } from '../../../api/objects/index.ts';
import { maxSurge } from './replica-counts.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Annotations of a Deployment that its ReplicaSets do not take over. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);
const MAX_HISTORY_LENGTH = 2000;

type Annotations = Readonly<Record<string, string>>;

/** The revision in an object's annotations; 0 if there is none. */
export function revisionOf({ metadata }: ReplicaSet | Deployment): number {
  const text = metadata.annotations?.[REVISION] ?? '';
  return /^\d+$/.test(text) ? Number(text) : 0;
}

export function desiredReplicas(replicaSet: ReplicaSet): number | undefined {
  return count(replicaSet.metadata.annotations?.[DESIRED_REPLICAS]);
}

export function maxReplicas(replicaSet: ReplicaSet): number | undefined {
  return count(replicaSet.metadata.annotations?.[MAX_REPLICAS]);
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The annotations by which proportional scaling and the detection of a scaling event work. SetReplicasAnnotations. */
export function replicasAnnotations(deployment: Deployment): Annotations {
  const replicas = deployment.spec.replicas ?? 1;
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge(deployment)) };
}

/** Annotations of the newest ReplicaSet: the Deployment's own and the revision. SetNewReplicaSetAnnotations. */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  replicaSet: ReplicaSet | undefined,
  revision: number,
): Record<string, string> {
  const annotations: Record<string, string> = { ...replicaSet?.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!NOT_COPIED.has(key)) annotations[key] = value;
  }
  const old = annotations[REVISION];
  const oldRevision = old === undefined ? 0 : Number(old);
  if (oldRevision < revision) {
    annotations[REVISION] = String(revision);
    if (old !== undefined) annotations[REVISION_HISTORY] = history(annotations[REVISION_HISTORY], old);
  }
  if (!replicaSet) Object.assign(annotations, replicasAnnotations(deployment));
  return annotations;
}

/** A revision that came back after a rollback remembers the numbers it had. */
function history(before: string | undefined, revision: string): string {
  const revisions = before ? before.split(',') : [];
  revisions.push(revision);
  while (revisions.length > 1 && revisions.join(',').length > MAX_HISTORY_LENGTH) revisions.shift();
  return revisions.join(',');
}
