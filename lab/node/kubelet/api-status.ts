import type { Container, Pod } from '../runtime/index.ts';
import { type ContainerRecord, latest, type PodRecord, previous } from './pod-status.ts';
import { isStatic } from './static-pod.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason: string;
    readonly message?: string;
    readonly startedAt: string | null;
    readonly finishedAt: string | null;
    readonly containerID: string;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly containerID: string;
  /** Of the container's first process, as the node sees it; 0 when none runs. */
  readonly pid: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly message?: string;
}

export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

/** One pod in status.json; api/pod-status.ts turns it into a PodStatus of the API. */
export interface PodReport {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of a manifest file of the node, not of the API. */
  readonly static: boolean;
  readonly phase: PodPhase;
  readonly podIP: string;
  readonly hostIP: string;
  readonly hostNetwork: boolean;
  readonly startTime: string;
  readonly terminating: boolean;
  readonly conditions: readonly PodCondition[];
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly containerStatuses: readonly ContainerStatus[];
  readonly sandboxID: string;
  readonly sandboxPid: number;
  readonly netns: string;
  readonly message: string;
}

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
  return {
    name: container.name,
    image: container.image,
    imageID: record?.imageID ?? '',
    containerID: record === undefined ? '' : containerID(record),
    pid: running ? record.pid : 0,
    state,
    lastState,
    // Without probes a container that runs is ready; an init container is ready once it has succeeded.
    ready: record?.init
      ? record.state === 'exited' && record.exitCode === 0
      : running && (probes?.ready ?? true),
    started: running && (probes?.started ?? true),
    restartCount: record?.attempt ?? 0,
    ...(waiting?.message ? { message: waiting.message } : {}),
  };
}

/** The pod's phase from its containers' states, as getPhase (pkg/kubelet/kubelet_pods.go). */
export function podPhase(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  terminating = false,
): PodPhase {
  // What has ended in a pod that is going stays so, whatever its policy.
  const policy = terminating ? 'Never' : (pod.spec.restartPolicy ?? 'Always');
  let pendingInit = 0;
  let failedInit = 0;
  for (const { state, lastState } of initStatuses) {
    const ended = state.terminated ?? (state.waiting ? lastState.terminated : undefined);
    if (ended === undefined) pendingInit += 1;
    else if (ended.exitCode !== 0) failedInit += 1;
  }
  let waiting = 0;
  let running = 0;
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
  if (pendingInit + failedInit > 0 && running === 0) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (policy === 'Always') return 'Running';
  if (stopped === succeeded) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
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
  const phase = podPhase(pod, initContainerStatuses, containerStatuses, context.terminating);
  const initialized = containerStatuses.some((entry) => entry.state.running);
  const incomplete = initialized
    ? []
    : initContainerStatuses.filter((entry) => !entry.ready).map((entry) => entry.name);
  const unready = containerStatuses.filter((entry) => !entry.ready).map((entry) => entry.name);
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
