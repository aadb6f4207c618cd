import { timestamp } from '../../../api/client/index.ts';
import { findCondition, withoutCondition } from '../../../api/conditions.ts';
import type { Condition } from '../../../api/objects/index.ts';

/** What a pass over a namespace's content has found. */
export interface Remaining {
  /** Objects left, by resource (`pods.`, `deployments.apps`). */
  readonly objects: ReadonlyMap<string, number>;
  /** Objects left that a finalizer holds, by finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What could not be deleted. */
  readonly failures: readonly string[];
}

type Verdict = readonly [type: string, status: 'True' | 'False', reason: string, message: string];

/** Conditions of a namespace that is being deleted. pkg/controller/namespace/deletion/status_condition_utils.go. */
export function deletionConditions(
  old: readonly Condition[] | undefined,
  remaining: Remaining,
  now: number,
): Condition[] {
  let conditions = [...(old ?? [])];
  for (const [type, status, reason, message] of verdicts(remaining)) {
    const current = findCondition(conditions, type);
    if (current?.status === status && current.reason === reason && current.message === message) continue;
    const lastTransitionTime =
      current?.status === status ? (current.lastTransitionTime ?? null) : timestamp(now);
    conditions = current
      ? conditions.map((one) =>
          one === current ? { type, status, lastTransitionTime, reason, message } : one,
        )
      : [...withoutCondition(conditions, type), { type, status, lastTransitionTime, reason, message }];
  }
  return conditions;
}

function verdicts({ objects, finalizers, failures }: Remaining): Verdict[] {
  const remain = [...objects]
    .map(([resource, count]) => `${resource} has ${count} resource instances`)
    .sort();
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  return [
    [
      'NamespaceDeletionDiscoveryFailure',
      'False',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      'False',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    failures.length > 0
      ? [
          'NamespaceDeletionContentFailure',
          'True',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(', ')}`,
        ]
      : [
          'NamespaceDeletionContentFailure',
          'False',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ],
    remain.length > 0
      ? [
          'NamespaceContentRemaining',
          'True',
          'SomeResourcesRemain',
          `Some resources are remaining: ${remain.join(', ')}`,
        ]
      : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
    held.length > 0
      ? [
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          'False',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ];
}
