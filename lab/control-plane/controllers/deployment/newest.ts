import { findCondition, setCondition } from '../../../api/conditions.ts';
import { canonicalJson, templateHash } from '../../../api/hash.ts';
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../../api/objects/index.ts';
import { controllerReference } from '../../../api/owners.ts';
import { newReplicaSetAnnotations, REVISION, revisionOf } from './annotations.ts';
import { byAge } from './proportions.ts';
import { newReplicaSetSize } from './replica-counts.ts';
import { condition, hasDeadline } from './status.ts';
import type { Plan } from './steps.ts';

export const TEMPLATE_HASH = 'pod-template-hash';

/** Whether two templates are the same but for the hash label. EqualIgnoreHash. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return canonicalJson(withoutHash(a)) === canonicalJson(withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The ReplicaSet of the Deployment's template; of several the oldest. FindNewReplicaSet. */
export function findNewest(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byAge).find(({ spec }) => sameTemplate(spec.template, deployment.spec.template));
}

/**
 * Brings the newest ReplicaSet's annotations and the Deployment's revision up to date, and creates the set if that is wanted.
 *
 * @returns the newest ReplicaSet as it will be, if there is one. getNewReplicaSet.
 */
export function ensureNewest(
  plan: Plan,
  old: readonly ReplicaSet[],
  existing: ReplicaSet | undefined,
  create: boolean,
  now: number,
): ReplicaSet | undefined {
  const revision = Math.max(0, ...old.map(revisionOf)) + 1;
  if (existing) return updateNewest(plan, existing, revision, now);
  return create ? createNewest(plan, old, revision, now) : undefined;
}

function updateNewest(plan: Plan, existing: ReplicaSet, revision: number, now: number): ReplicaSet {
  const { deployment } = plan;
  const annotations = newReplicaSetAnnotations(deployment, existing, revision);
  const { minReadySeconds = 0 } = deployment.spec;
  let newest = existing;
  const same = canonicalJson(annotations) === canonicalJson(existing.metadata.annotations ?? {});
  if (!same || minReadySeconds !== (existing.spec.minReadySeconds ?? 0)) {
    newest = {
      ...existing,
      metadata: { ...existing.metadata, annotations },
      spec: {
        ...existing.spec,
        ...(minReadySeconds === (existing.spec.minReadySeconds ?? 0) ? {} : { minReadySeconds }),
      },
    };
    plan.steps.push({ do: 'updateReplicaSet', replicaSet: newest });
  }
  const number = annotations[REVISION] ?? '';
  const progressing = findCondition(deployment.status?.conditions, 'Progressing');
  const found = `Found new replica set "${existing.metadata.name}"`;
  const conditions =
    hasDeadline(deployment) && !progressing
      ? setCondition(
          deployment.status?.conditions,
          condition('Progressing', 'True', 'FoundNewReplicaSet', found, now),
        )
      : deployment.status?.conditions;
  setRevision(plan, number, conditions);
  return newest;
}

/** Writes the revision and conditions, if either is new. */
function setRevision(plan: Plan, revision: string, conditions = plan.deployment.status?.conditions): void {
  const { metadata, status } = plan.deployment;
  if (metadata.annotations?.[REVISION] === revision && conditions === status?.conditions) return;
  plan.updateStatus(
    { ...status, ...(conditions ? { conditions } : {}) },
    { ...metadata.annotations, [REVISION]: revision },
  );
}

function createNewest(plan: Plan, old: readonly ReplicaSet[], revision: number, now: number): ReplicaSet {
  const { deployment } = plan;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH]: hash };
  const { name = '', namespace } = deployment.metadata;
  const replicas = newReplicaSetSize(deployment, old, 0);
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels,
      annotations: newReplicaSetAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment, 'Deployment', 'apps/v1')],
    },
    spec: {
      replicas,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  const message = `Scaled up replica set ${name}-${hash} to ${replicas}`;
  const event = { type: 'Normal', reason: 'ScalingReplicaSet', message } as const;
  plan.steps.push({ do: 'createReplicaSet', replicaSet, ...(replicas > 0 ? { event } : {}) });
  const created = `Created new replica set "${name}-${hash}"`;
  const conditions = hasDeadline(deployment)
    ? setCondition(
        deployment.status?.conditions,
        condition('Progressing', 'True', 'NewReplicaSetCreated', created, now),
      )
    : deployment.status?.conditions;
  setRevision(plan, String(revision), conditions);
  return replicaSet;
}
