import type { V1ContainerState, V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { humanDuration } from '../tables/index.ts';

export interface PodSummary {
  /** `1/2` */
  readonly ready: string;
  /** `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, … */
  readonly status: string;
  /** `0`, `2 (5m ago)` */
  readonly restarts: string;
}

interface Count {
  restarts: number;
  /** Milliseconds since 1970 of the last end of a container that was restarted; 0 for never. */
  last: number;
}

/** The READY, STATUS and RESTARTS columns: k8s.io/kubernetes/pkg/printers/internalversion printPod. */
export function summarizePod(pod: V1Pod, now: Date): PodSummary {
  const spec = pod.spec;
  const status = pod.status ?? {};
  const sidecars = new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  const all: Count = { restarts: 0, last: 0 };
  const ofSidecars: Count = { restarts: 0, last: 0 };
  const total = (spec?.containers?.length ?? 0) + sidecars.size;
  let ready = 0;
  let reason = status.reason || status.phase || '';
  const gated = (status.conditions ?? []).some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  );
  if (gated) reason = 'SchedulingGated';

  let initializing = false;
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    count(all, container);
    const sidecar = sidecars.has(container.name);
    if (sidecar) count(ofSidecars, container);
    if (container.state?.terminated?.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready += 1;
      continue;
    }
    const why = stateReason(container.state, 'PodInitializing');
    reason = why === undefined ? `Init:${index}/${spec?.initContainers?.length ?? 0}` : `Init:${why}`;
    initializing = true;
    break;
  }

  let counted = all;
  if (!initializing || hasCondition(pod, 'Initialized')) {
    counted = ofSidecars;
    let running = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      count(counted, container);
      const why = stateReason(container.state);
      if (why !== undefined) reason = why;
      else if (container.ready && container.state?.running) {
        running = true;
        ready += 1;
      }
    }
    if (reason === 'Completed' && running) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata?.deletionTimestamp) {
    const ended = status.phase === 'Succeeded' || status.phase === 'Failed';
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (!ended) reason = 'Terminating';
  }
  return { ready: `${ready}/${total}`, status: reason, restarts: restartsText(counted, now) };
}

/** Why a container does not run; `Signal:9` or `ExitCode:1` when nobody gave a reason. */
function stateReason(state: V1ContainerState | undefined, except?: string): string | undefined {
  if (state?.waiting?.reason && state.waiting.reason !== except) return state.waiting.reason;
  const ended = state?.terminated;
  if (!ended) return undefined;
  if (ended.reason) return ended.reason;
  return ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`;
}

function count(into: Count, container: V1ContainerStatus): void {
  into.restarts += container.restartCount ?? 0;
  const finished = container.lastState?.terminated?.finishedAt;
  if (finished) into.last = Math.max(into.last, Date.parse(String(finished)));
}

function restartsText({ restarts, last }: Count, now: Date): string {
  if (restarts === 0 || last === 0) return String(restarts);
  return `${restarts} (${humanDuration(now.getTime() - last)} ago)`;
}

function hasCondition(pod: V1Pod, type: string): boolean {
  return (pod.status?.conditions ?? []).some(
    (condition) => condition.type === type && condition.status === 'True',
  );
}
