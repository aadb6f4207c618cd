import { lastingContainers, type PodReport } from '../kubelet/pod-report.ts';
import { CtlError } from './ctl-error.ts';
import { readKubeletStatus } from './status.ts';

/** The STATUS column as kubectl prints it: the first waiting or ended container's reason, else the phase. */
export function podStatusText(pod: PodReport): string {
  if (pod.terminating) return 'Terminating';
  for (const [index, status] of pod.initContainerStatuses.entries()) {
    const { waiting, terminated } = status.state;
    if (terminated?.exitCode === 0 || (status.sidecar && status.started)) continue;
    if (terminated) return `Init:${terminated.reason}`;
    if (waiting && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${index}/${pod.initContainerStatuses.length}`;
  }
  for (const { state } of pod.containerStatuses) if (state.waiting) return state.waiting.reason;
  for (const { state } of pod.containerStatuses)
    if (state.terminated && pod.phase !== 'Running') return state.terminated.reason;
  return pod.phase;
}

/** A table of the node's pods. */
export function podTable(pods: readonly PodReport[]): string {
  const rows = pods.map((pod) => {
    const containers = lastingContainers(pod);
    return [
      pod.namespace,
      pod.name,
      `${containers.filter((status) => status.ready).length}/${containers.length}`,
      podStatusText(pod),
      String(containers.reduce((sum, status) => sum + status.restartCount, 0)),
      pod.podIP || '<none>',
    ];
  });
  const table = [['NAMESPACE', 'NAME', 'READY', 'STATUS', 'RESTARTS', 'IP'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param name `NAMESPACE/POD`, or `POD` when only one namespace has it. @throws CtlError */
export async function findPod(name: string): Promise<PodReport> {
  const status = await readKubeletStatus();
  const pods = status?.pods ?? [];
  const found = pods.filter((pod) =>
    name.includes('/') ? `${pod.namespace}/${pod.name}` === name : pod.name === name,
  );
  if (found.length === 1) return found[0] as PodReport;
  const all = pods.map((pod) => `${pod.namespace}/${pod.name}`).join(', ') || 'none';
  if (found.length > 1)
    throw new CtlError(`pod "${name}" is in several namespaces: write NAMESPACE/POD (pods here: ${all})`, 2);
  throw new CtlError(`pod "${name}" not found on this node (pods here: ${all})`, 1);
}

/** @returns the container asked for, or the first one as kubectl takes it. @throws CtlError */
export function findContainer(pod: PodReport, name: string | undefined) {
  const all = [...pod.containerStatuses, ...pod.initContainerStatuses];
  const found = name === undefined ? all[0] : all.find((status) => status.name === name);
  if (found === undefined) {
    throw new CtlError(
      `container ${name ?? ''} is not valid for pod ${pod.name} (containers: ${all.map((status) => status.name).join(', ')})`,
      1,
    );
  }
  return found;
}
