import type { Container, Pod } from '../runtime/index.ts';
import { computeInitActions } from './init-actions.ts';
import { type ContainerRecord, latest, type PodRecord } from './pod-status.ts';

/** What has to be done to bring a pod from where it is to where its spec wants it. */
export interface PodActions {
  /** Kill the containers and the sandbox (before a new one is made, or because all is done). */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Number of the sandbox to create. */
  readonly attempt: number;
  /** The next one, and sidecars that have ended. They come before {@link containersToStart}. */
  readonly initContainersToStart: readonly Container[];
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

/**
 * Decides the next actions for a pod that is wanted, as computePodActions of the real kubelet does
 * (pkg/kubelet/kuberuntime/kuberuntime_manager.go). Pure: back-off and images are the caller's business.
 *
 * @param probes what probes say, by container name; a container without any has started when it runs
 */
export function computePodActions(
  pod: Pod,
  status: PodRecord,
  probes: ReadonlyMap<string, { readonly started: boolean }> = new Map(),
): PodActions {
  const none: PodActions = {
    killPod: false,
    createSandbox: false,
    attempt: status.sandbox?.attempt ?? 0,
    initContainersToStart: [],
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
    if (toStart.length === 0) return kill;
    const first = pod.spec.initContainers?.slice(0, 1) ?? [];
    return {
      ...kill,
      killPod: true,
      createSandbox: true,
      initContainersToStart: first,
      containersToStart: first.length === 0 ? toStart : [],
    };
  }

  const init = computeInitActions(pod, status, (name) => probes.get(name)?.started ?? true);
  if (init.failed) return { ...none, killPod: true };
  if (!init.done) return { ...none, initContainersToStart: init.toStart, containersToKill: init.toKill };

  const containersToStart: Container[] = [];
  const containersToKill = [...init.toKill];
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
  // Sidecars do not keep a pod alive.
  const initContainersToStart = idle ? [] : init.toStart;
  return { ...none, killPod: idle, initContainersToStart, containersToStart, containersToKill };
}
