import type { CalicoStatus } from '../../api/calico-status.ts';
import { lastingContainers, type PodReport } from '../kubelet/pod-report.ts';
import type { NodeReport } from '../kubelet/status-sink.ts';

const waitingReason = (pod: PodReport): string => {
  const statuses = [...pod.initContainerStatuses, ...pod.containerStatuses];
  const waiting = statuses.find((status) => status.state.waiting)?.state.waiting;
  const text = [waiting?.reason, waiting?.message, pod.message].filter(Boolean).join(': ');
  return text === '' ? '' : ` (${text})`;
};

/**
 * Waiting changes nothing about a pod: it is running and ready, or it has ended. One of the user's own may have failed; of the
 * lab's own the API tells (wait-workloads.ts).
 */
export function podSettled(pod: PodReport): boolean {
  if (pod.terminating) return false;
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return true;
  return pod.phase === 'Running' && lastingContainers(pod).every((status) => status.ready);
}

/** Reasons of a container that waits because it is on its way. All others say that it does not get on. */
const UNDER_WAY = ['ContainerCreating', 'PodInitializing'];

/**
 * Every container has been started, or has been found not to get on. An init container may run for as long as it likes: what
 * it waits for is the user's matter.
 */
function podSeenTo(pod: PodReport): boolean {
  if (pod.message !== '') return true;
  const holdsUp = ({ state, sidecar, started }: PodReport['initContainerStatuses'][number]) =>
    (state.running !== undefined && !(sidecar && started)) ||
    (state.waiting !== undefined && !UNDER_WAY.includes(state.waiting.reason ?? ''));
  if (pod.initContainerStatuses.some(holdsUp)) return true;
  return pod.containerStatuses.every(({ state }) => !UNDER_WAY.includes(state.waiting?.reason ?? ''));
}

/**
 * What a node still waits for, one sentence each; empty when it is ready: the kubelet's node, the pods of its manifests,
 * nothing left of unwanted pods, and calico-node. The API's pods need only have been started: one of a user's that crashes
 * does not make a lab unready, and those of the lab are waited for as workloads.
 */
export function pendingReasons(
  kubelet: NodeReport | undefined,
  calico: Pick<CalicoStatus, 'ready' | 'waitingFor'> | undefined,
): string[] {
  const pending: string[] = [];
  if (kubelet === undefined) return ['the kubelet has not reported yet (/run/kubelet/status.json)'];
  if (!kubelet.ready) pending.push(`node ${kubelet.nodeName} is not ready: ${kubelet.message}`);
  if (calico?.ready !== true) {
    const why =
      calico === undefined
        ? 'has not reported yet (/run/calico/status.json)'
        : `is not ready: ${calico.waitingFor.join('; ')}`;
    pending.push(`calico-node ${why}`);
  }
  const known = new Set(kubelet.pods.map((pod) => `${pod.namespace}/${pod.name}`));
  for (const name of kubelet.wanted) if (!known.has(name)) pending.push(`pod ${name} has not been started`);
  for (const pod of kubelet.pods) {
    const name = `${pod.namespace}/${pod.name}`;
    if (pod.terminating) pending.push(`pod ${name} is terminating${waitingReason(pod)}`);
    else if (pod.static ? !podSettled(pod) : !podSeenTo(pod))
      pending.push(`pod ${name} is ${pod.phase}${waitingReason(pod)}`);
  }
  return pending;
}

/** A pod of a scenario is where it should be: it has its address, and each container runs or ended with code 0. */
function podArrived(pod: PodReport): boolean {
  if (pod.terminating || pod.podIP === '') return false;
  return lastingContainers(pod).every(
    // How a sidecar of a pod that is done has ended does not matter.
    ({ state, ready, sidecar }) =>
      (state.running && ready) || (sidecar ? state.terminated : state.terminated?.exitCode === 0),
  );
}

/**
 * What is missing until the named pods have arrived.
 *
 * @param names `namespace/name`
 */
export function pendingPods(kubelet: NodeReport | undefined, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const pod = kubelet?.pods.find((candidate) => `${candidate.namespace}/${candidate.name}` === name);
    if (!pod) return [`pod ${name} has not been started`];
    return podArrived(pod) ? [] : [`pod ${name} is ${pod.phase}${waitingReason(pod)}`];
  });
}

/** What is missing until the named pods are gone with all they had. */
export function remainingPods(kubelet: NodeReport | undefined, names: readonly string[]): string[] {
  const known = new Set([
    ...(kubelet?.wanted ?? []),
    ...(kubelet?.pods ?? []).map((pod) => `${pod.namespace}/${pod.name}`),
  ]);
  return names.filter((name) => known.has(name)).map((name) => `pod ${name} is still there`);
}
