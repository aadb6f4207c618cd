import { templateHash } from '../../../api/hash.ts';
import type { ControllerRevision, DaemonSet, Pod } from '../../../api/objects/index.ts';
import { controllerReference } from '../../../api/owners.ts';
import { REVISION_HASH } from './plan.ts';

export interface HistoryPlan {
  readonly create?: ControllerRevision;
  /** The current template's revision, moved to the top after a rollback. */
  readonly update?: ControllerRevision;
  readonly delete: readonly ControllerRevision[];
}

/** The hash by which pods and revisions of the current template are known. */
export function currentHash({ spec, status }: DaemonSet): string {
  return templateHash(spec.template, status?.collisionCount);
}

/** Keeps one ControllerRevision for each template, the current one on top. constructHistory and cleanupHistory. */
export function planHistory(
  daemonSet: DaemonSet,
  revisions: readonly ControllerRevision[],
  pods: readonly Pod[],
): HistoryPlan {
  const hash = currentHash(daemonSet);
  const current = revisions.find(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash);
  const old = revisions.filter((revision) => revision !== current);
  const highest = Math.max(0, ...old.map(({ revision }) => revision));
  const surplus = { delete: surplusOf(daemonSet, old, pods) };
  if (!current) return { create: snapshot(daemonSet, hash, highest + 1), ...surplus };
  if (current.revision <= highest) return { update: { ...current, revision: highest + 1 }, ...surplus };
  return surplus;
}

function snapshot(daemonSet: DaemonSet, hash: string, revision: number): ControllerRevision {
  const { name = '', namespace, annotations } = daemonSet.metadata;
  const { template } = daemonSet.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...template.metadata?.labels, [REVISION_HASH]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(daemonSet, 'DaemonSet', 'apps/v1')],
    },
    // A strategic merge patch: what `kubectl rollout undo` sends.
    data: { spec: { template: { $patch: 'replace', ...template } } },
    revision,
  };
}

/** Revisions above the limit that no pod has any more, oldest first. */
function surplusOf(
  { spec }: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): ControllerRevision[] {
  const count = old.length - (spec.revisionHistoryLimit ?? 10);
  if (count <= 0) return [];
  const inUse = new Set(pods.map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
  return [...old]
    .sort((a, b) => a.revision - b.revision)
    .filter(({ metadata }) => !inUse.has(metadata.labels?.[REVISION_HASH]))
    .slice(0, count);
}
