import { timestamp } from '../../../api/client/index.ts';
import type { Condition } from '../../../api/objects/index.ts';
import type { ContainerState, ContainerStatus, PodReport } from '../pod-report.ts';

const seconds = (time: string | null | undefined) => (time ? timestamp(Date.parse(time)) : null);

function state(from: ContainerState): Record<string, unknown> {
  if (from.running) return { running: { startedAt: seconds(from.running.startedAt) } };
  if (from.waiting) return { waiting: { ...from.waiting } };
  if (from.terminated) {
    const { startedAt, finishedAt, ...rest } = from.terminated;
    return { terminated: { ...rest, startedAt: seconds(startedAt), finishedAt: seconds(finishedAt) } };
  }
  return {};
}

function containerStatus(from: ContainerStatus): Record<string, unknown> {
  const { name, image, imageID, containerID, ready, started, restartCount } = from;
  return {
    name,
    state: state(from.state),
    lastState: state(from.lastState),
    ready,
    restartCount,
    image,
    imageID,
    ...(containerID === '' ? {} : { containerID }),
    started,
  };
}

/** Conditions that the kubelet owns; others (of the scheduler, of readiness gates) stay as they are. */
const OWN = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady']);

/**
 * The pod's conditions: the kubelet's with the time of their last change, the others untouched.
 * @param before as the API server has them
 */
export function mergeConditions(report: PodReport, before: readonly Condition[], now: string): Condition[] {
  const old = new Map(before.map((condition) => [condition.type, condition]));
  const conditions = report.conditions.flatMap((condition): Condition[] => {
    const last = old.get(condition.type);
    if (!OWN.has(condition.type) && last !== undefined) return [last];
    const since =
      last?.status === condition.status && last.lastTransitionTime ? last.lastTransitionTime : now;
    return [{ ...condition, lastProbeTime: null, lastTransitionTime: since }];
  });
  const reported = new Set(report.conditions.map(({ type }) => type));
  return [...conditions, ...before.filter(({ type }) => !reported.has(type))];
}

/**
 * The PodStatus that the kubelet writes. Fields of the server's own (qosClass) are not in it; null takes a field away.
 * pkg/kubelet/kubelet_pods.go generateAPIPodStatus.
 */
export function apiPodStatus(
  report: PodReport,
  before: readonly Condition[],
  now: number,
): Record<string, unknown> & { readonly conditions: Condition[] } {
  const { podIP, hostIP, initContainerStatuses } = report;
  return {
    phase: report.phase,
    conditions: mergeConditions(report, before, timestamp(now)),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP: podIP === '' ? null : podIP,
    podIPs: podIP === '' ? null : [{ ip: podIP }],
    startTime: seconds(report.startTime),
    ...(initContainerStatuses.length > 0
      ? { initContainerStatuses: initContainerStatuses.map(containerStatus) }
      : {}),
    containerStatuses: report.containerStatuses.map(containerStatus),
  };
}
