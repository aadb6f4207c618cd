import type { Pod } from '../runtime/index.ts';
import type { ContainerStatus, PodPhase } from './pod-report.ts';

/**
 * The pod's phase from its containers' states, as getPhase (pkg/kubelet/kubelet_pods.go).
 * @param initialized whether its init containers have been got past once: sidecars that start anew do not make it Pending again
 */
export function podPhase(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  terminating = false,
  initialized = statuses.some(({ state }) => state.running ?? state.terminated),
): PodPhase {
  // What has ended in a pod that is going stays so, whatever its policy.
  const policy = terminating ? 'Never' : (pod.spec.restartPolicy ?? 'Always');
  let pendingInit = 0;
  let failedInit = 0;
  let pendingSidecars = 0;
  let waiting = 0;
  let running = 0;
  for (const { state, lastState, sidecar, started } of initStatuses) {
    if (sidecar) {
      // One that has ended, or is held back, does not count.
      if (state.running) running += 1;
      else if (state.waiting && !lastState.terminated) waiting += 1;
      else continue;
      if (!started) pendingSidecars += 1;
      continue;
    }
    const ended = state.terminated ?? (state.waiting ? lastState.terminated : undefined);
    if (ended === undefined) pendingInit += 1;
    else if (ended.exitCode !== 0) failedInit += 1;
  }
  let stopped = 0;
  let succeeded = 0;
  for (const { state, lastState } of statuses) {
    if (state.running) running += 1;
    else if (state.terminated) {
      stopped += 1;
      if (state.terminated.exitCode === 0) succeeded += 1;
    } else if (lastState.terminated) stopped += 1;
    else waiting += 1;
  }
  if (failedInit > 0 && policy === 'Never') return 'Failed';
  if (failedInit + pendingSidecars > 0 && !initialized) return 'Pending';
  if (pendingInit + waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (policy === 'Always') return 'Running';
  if (stopped === succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}
