import type { PodReport } from '../kubelet/api-status.ts';
import type { NodeReport } from '../kubelet/status-sink.ts';

const waitingReason = (pod: PodReport): string => {
  const statuses = [...pod.initContainerStatuses, ...pod.containerStatuses];
  const waiting = statuses.find((status) => status.state.waiting)?.state.waiting;
  const text = [waiting?.reason, waiting?.message, pod.message].filter(Boolean).join(': ');
  return text === '' ? '' : ` (${text})`;
};

/** A pod is where it should be: running and ready, or ended well. */
export function podSettled(pod: PodReport): boolean {
  if (pod.terminating) return false;
  if (pod.phase === 'Succeeded') return true;
  return pod.phase === 'Running' && pod.containerStatuses.every((status) => status.ready);
}

/**
 * What a node still waits for, one sentence each; empty when it is ready: the kubelet's node and every wanted pod,
 * nothing left of unwanted ones, and calico-node.
 */
export function pendingReasons(
  kubelet: NodeReport | undefined,
  calico: { readonly ready?: boolean; readonly message?: string } | undefined,
): string[] {
  const pending: string[] = [];
  if (kubelet === undefined) return ['the kubelet has not reported yet (/run/kubelet/status.json)'];
  if (!kubelet.ready) pending.push(`node ${kubelet.nodeName} is not ready: ${kubelet.message}`);
  if (calico?.ready !== true) {
    const why =
      calico === undefined
        ? 'has not reported yet (/run/calico/status.json)'
        : `is not ready: ${calico.message ?? ''}`;
    pending.push(`calico-node ${why}`);
  }
  const known = new Set(kubelet.pods.map((pod) => `${pod.namespace}/${pod.name}`));
  for (const name of kubelet.wanted) if (!known.has(name)) pending.push(`pod ${name} has not been started`);
  for (const pod of kubelet.pods) {
    const name = `${pod.namespace}/${pod.name}`;
    if (pod.terminating) pending.push(`pod ${name} is terminating${waitingReason(pod)}`);
    else if (!podSettled(pod)) pending.push(`pod ${name} is ${pod.phase}${waitingReason(pod)}`);
  }
  return pending;
}
