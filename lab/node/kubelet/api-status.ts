import type { Container } from '../runtime/index.ts';
import { isSidecar } from './container-specs.ts';
import { isInitialized } from './init-actions.ts';
import { podPhase } from './pod-phase.ts';
import {
  type ContainerState,
  type ContainerStatus,
  lastingContainers,
  type PodCondition,
  type PodPhase,
  type PodReport,
} from './pod-report.ts';
import { type ContainerRecord, latest, type PodRecord, previous } from './pod-status.ts';
import { isStatic } from './static-pod.ts';

/** Why a container does not run yet, by its name. */
export type WaitingReasons = ReadonlyMap<string, { readonly reason: string; readonly message: string }>;

export interface StatusContext {
  readonly hostIP: string;
  readonly waiting: WaitingReasons;
  /** What probes say, by container name; a container without any is missing. */
  readonly probes?: ReadonlyMap<string, { readonly ready: boolean; readonly started: boolean }>;
  /** Why the pod as a whole does not go on, e.g. its sandbox could not be made. */
  readonly message: string;
  readonly terminating: boolean;
}

const containerID = (record: ContainerRecord) => `crun://${record.id}`;

function terminated(record: ContainerRecord): ContainerState {
  const exitCode = record.exitCode ?? 137;
  return {
    terminated: {
      exitCode,
      reason: record.reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
      ...(record.message === undefined ? {} : { message: record.message }),
      startedAt: record.startedAt ?? null,
      finishedAt: record.finishedAt ?? null,
      containerID: containerID(record),
    },
  };
}

function containerStatus(
  container: Container,
  status: PodRecord,
  context: StatusContext,
  waitingReason: string,
): ContainerStatus {
  const record = latest(status, container.name);
  const waiting = context.waiting.get(container.name);
  const before = previous(status, container.name);
  let state: ContainerState;
  let lastState: ContainerState = before?.state === 'exited' ? terminated(before) : {};
  if (record?.state === 'running') {
    state = { running: { startedAt: record.startedAt ?? record.createdAt } };
  } else if (waiting !== undefined) {
    state = { waiting };
    if (record?.state === 'exited') lastState = terminated(record);
  } else if (record?.state === 'exited') {
    state = terminated(record);
  } else {
    state = { waiting: { reason: waitingReason } };
  }
  const running = record?.state === 'running';
  const probes = context.probes?.get(container.name);
  const sidecar = isSidecar(container);
  return {
    name: container.name,
    image: container.image,
    imageID: record?.imageID ?? '',
    containerID: record === undefined ? '' : containerID(record),
    pid: running ? record.pid : 0,
    state,
    lastState,
    // Without probes a container that runs is ready; an ordinary init container is ready once it has succeeded.
    ready:
      record?.init && !sidecar
        ? record.state === 'exited' && record.exitCode === 0
        : running && (probes?.ready ?? true),
    started: running && (probes?.started ?? true),
    restartCount: record?.attempt ?? 0,
    ...(sidecar ? { sidecar } : {}),
    ...(waiting?.message ? { message: waiting.message } : {}),
  };
}

function conditions(
  phase: PodPhase,
  incomplete: readonly string[],
  unready: readonly string[],
  sandbox: boolean,
): PodCondition[] {
  const done = phase === 'Succeeded';
  const ended = { Succeeded: 'PodCompleted', Failed: 'PodFailed' }[phase as string];
  const problem = ended
    ? { reason: ended }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const ready: Omit<PodCondition, 'type'> =
    unready.length === 0 && phase === 'Running' ? { status: 'True' } : { status: 'False', ...problem };
  return [
    { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
    incomplete.length === 0 || done
      ? { type: 'Initialized', status: 'True', ...(done ? { reason: 'PodCompleted' } : {}) }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${incomplete.join(' ')}]`,
        },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
}

/** Turns what the kubelet knows about a pod into what it reports. */
export function podReport(status: PodRecord, context: StatusContext): PodReport {
  const { pod, sandbox } = status;
  const inits = pod.spec.initContainers ?? [];
  const waitingReason = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const initContainerStatuses = inits.map((container) =>
    containerStatus(container, status, context, waitingReason),
  );
  const containerStatuses = pod.spec.containers.map((container) =>
    containerStatus(container, status, context, waitingReason),
  );
  const initialized = isInitialized(status);
  const phase = podPhase(pod, initContainerStatuses, containerStatuses, context.terminating, initialized);
  const isComplete = ({ sidecar, started, ready }: ContainerStatus) => (sidecar ? started : ready);
  const incomplete = initialized
    ? []
    : initContainerStatuses.filter((entry) => !isComplete(entry)).map((entry) => entry.name);
  const unready = lastingContainers({ initContainerStatuses, containerStatuses })
    .filter((entry) => !entry.ready)
    .map((entry) => entry.name);
  return {
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    static: isStatic(pod),
    phase,
    podIP: pod.spec.hostNetwork ? context.hostIP : (sandbox?.ip ?? ''),
    hostIP: context.hostIP,
    hostNetwork: pod.spec.hostNetwork ?? false,
    startTime: status.startTime,
    terminating: context.terminating,
    conditions: conditions(phase, incomplete, unready, sandbox?.ready ?? false),
    initContainerStatuses,
    containerStatuses,
    sandboxID: sandbox?.id ?? '',
    sandboxPid: sandbox?.ready ? sandbox.pid : 0,
    netns: sandbox?.ready ? sandbox.netns : '',
    message: context.message,
  };
}
