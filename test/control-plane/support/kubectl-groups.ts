import type { Vector } from './vectors.ts';

/**
 * Commands that only read, recorded against the main state. Those recorded with other kubectls (1.20.2, 1.31.9) are run with the one
 * that is there: tables and describes come from the server, or are printed by all alike.
 */
export function isReading({ first, group }: Vector): boolean {
  return (
    first.startsWith('kubectl-') &&
    /^(10-get|11-describe|12-raw|14-kubectl-1\.20|15-kubectl-info|16-kubectl-1\.31\.9)$/.test(group)
  );
}

/** Commands of the recording that changed something, in their order, each on the state the one before left. */
export function isChanging({ first, group }: Vector): boolean {
  return first.startsWith('kubectl-') && /^(01-empty|02-apply|30-kubectl-verbs)$/.test(group);
}
