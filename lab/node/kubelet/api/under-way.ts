import type { ContainerStatus, PodReport } from '../pod-report.ts';

const UNDER_WAY = ['ContainerCreating', 'PodInitializing'];
const isComing = ({ state, lastState }: ContainerStatus): boolean =>
  state.waiting !== undefined &&
  UNDER_WAY.includes(state.waiting.reason) &&
  !state.waiting.message &&
  Object.keys(lastState).length === 0;

/** Nothing has been started yet of a pod that is being made, and nothing is in its way: there is nothing to tell but that. */
export function isUnderWay(pod: PodReport): boolean {
  if (pod.phase !== 'Pending' || pod.terminating || pod.message !== '') return false;
  return [...pod.initContainerStatuses, ...pod.containerStatuses].every(isComing);
}
