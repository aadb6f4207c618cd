import type { Container, Pod } from '../runtime/index.ts';
import { type ContainerRecord, latest, type PodRecord } from './pod-status.ts';

/** What has to be done to bring a pod from where it is to where its spec wants it. */
export interface PodActions {
  /** Kill the containers and the sandbox (before a new one is made, or because all is done). */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Number of the sandbox to create. */
  readonly attempt: number;
  readonly initContainerToStart: Container | undefined;
  readonly containersToStart: readonly Container[];
  readonly containersToKill: readonly { readonly id: string; readonly reason: string }[];
}

const restartPolicy = (pod: Pod) => pod.spec.restartPolicy ?? 'Always';
const shouldRestartOnFailure = (pod: Pod) => restartPolicy(pod) !== 'Never';
const succeeded = (record: ContainerRecord | undefined) =>
  record?.state === 'exited' && record.exitCode === 0;

/** As ShouldContainerBeRestarted (pkg/kubelet/container/helpers.go). */
export function shouldContainerBeRestarted(pod: Pod, record: ContainerRecord | undefined): boolean {
  if (record === undefined) return true;
  if (record.state === 'running') return false;
  if (record.state === 'unknown' || record.state === 'created') return true;
  if (restartPolicy(pod) === 'Never') return false;
  return restartPolicy(pod) === 'Always' || record.exitCode !== 0;
}

interface InitProgress {
  readonly done: boolean;
  readonly next: Container | undefined;
  readonly last: ContainerRecord | undefined;
}

/** As findNextInitContainerToRun: where the initialization of a pod stands. */
function initProgress(status: PodRecord): InitProgress {
  const inits = status.pod.spec.initContainers ?? [];
  if (inits.length === 0) return { done: true, next: undefined, last: undefined };
  // A main container that runs tells that initialization was done, even when its records have gone.
  if (status.pod.spec.containers.some((container) => latest(status, container.name)?.state === 'running')) {
    return { done: true, next: undefined, last: undefined };
  }
  for (let index = inits.length - 1; index >= 0; index -= 1) {
    const record = latest(status, (inits[index] as Container).name);
    if (record === undefined) continue;
    if (record.state === 'running') return { done: false, next: undefined, last: record };
    if (succeeded(record)) {
      const next = inits[index + 1];
      return next === undefined
        ? { done: true, next: undefined, last: record }
        : { done: false, next, last: undefined };
    }
    return { done: false, next: inits[index], last: record };
  }
  return { done: false, next: inits[0], last: undefined };
}

/**
 * Decides the next actions for a pod that is wanted, as computePodActions of the real kubelet does
 * (pkg/kubelet/kuberuntime/kuberuntime_manager.go). Pure: back-off and images are the caller's business.
 */
export function computePodActions(pod: Pod, status: PodRecord): PodActions {
  const none: PodActions = {
    killPod: false,
    createSandbox: false,
    attempt: status.sandbox?.attempt ?? 0,
    initContainerToStart: undefined,
    containersToStart: [],
    containersToKill: [],
  };

  if (status.sandbox === undefined || !status.sandbox.ready) {
    const attempt = status.sandbox === undefined ? 0 : status.sandbox.attempt + 1;
    const kill: PodActions = { ...none, killPod: status.sandbox !== undefined, attempt };
    // A pod that never restarts and has run already stays as it ended.
    if (!shouldRestartOnFailure(pod) && attempt !== 0 && status.containers.length > 0) return kill;
    const toStart = pod.spec.containers.filter(
      (container) => !(restartPolicy(pod) === 'OnFailure' && succeeded(latest(status, container.name))),
    );
    if (toStart.length === 0 && initProgress(status).done) return kill;
    const first = pod.spec.initContainers?.[0];
    return {
      ...kill,
      killPod: true,
      createSandbox: true,
      initContainerToStart: first,
      containersToStart: first === undefined ? toStart : [],
    };
  }

  const init = initProgress(status);
  if (!init.done) {
    if (init.next === undefined) return none;
    const failed = init.last?.state === 'exited' && init.last.exitCode !== 0;
    if (failed && !shouldRestartOnFailure(pod)) return { ...none, killPod: true };
    return { ...none, initContainerToStart: init.next };
  }

  const containersToStart: Container[] = [];
  const containersToKill: { id: string; reason: string }[] = [];
  let kept = 0;
  for (const container of pod.spec.containers) {
    const record = latest(status, container.name);
    if (record?.state === 'running' && record.image !== container.image) {
      // The image is the one thing of a container that the API lets change.
      const reason = `Container ${container.name} definition changed, will be restarted`;
      containersToKill.push({ id: record.id, reason });
      containersToStart.push(container);
    } else if (record?.state === 'running') {
      kept += 1;
    } else if (shouldContainerBeRestarted(pod, record)) {
      containersToStart.push(container);
      if (record?.state === 'unknown' || record?.state === 'created') {
        const reason = `Container ${container.name} is in state ${record.state}, try killing it before restart`;
        containersToKill.push({ id: record.id, reason });
      }
    }
  }
  const idle = kept === 0 && containersToStart.length === 0;
  return { ...none, killPod: idle, containersToStart, containersToKill };
}
