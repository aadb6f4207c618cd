import { expect, it } from 'vitest';
import type { Pod, RestartPolicy } from '../runtime/index.ts';
import { podPhase } from './pod-phase.ts';
import type { ContainerState, ContainerStatus } from './pod-report.ts';

const pod = (restartPolicy: RestartPolicy): Pod => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { restartPolicy, containers: [] },
});
const status = (state: ContainerState, fields: Partial<ContainerStatus> = {}) =>
  ({ state, lastState: {}, ready: false, started: false, ...fields }) as ContainerStatus;
const end = (exitCode: number): ContainerState => ({
  terminated: { exitCode, reason: 'r', startedAt: null, finishedAt: null, containerID: '' },
});
const run: ContainerState = { running: { startedAt: 'T' } };
const wait: ContainerState = { waiting: { reason: 'PodInitializing' } };

const running = status(run);
const waiting = status(wait);
const [succeeded, failed] = [status(end(0)), status(end(1))];
const s = (of: ContainerStatus, fields: Partial<ContainerStatus> = {}): ContainerStatus => ({
  ...of,
  ...fields,
  sidecar: true,
});
const started = s(running, { started: true });
const backOff = s(waiting, { lastState: end(0) });
const backOffFailed = s(waiting, { lastState: end(1) });

// TestPodPhaseWithRestartAlwaysRestartableInitContainers, …NeverRestartableInitContainers and …AlwaysAndPodHasRun
// (pkg/kubelet/kubelet_pods_test.go): init containers, regular containers, and whether the pod is to go.
it.each<[RestartPolicy, ContainerStatus[], ContainerStatus[], boolean, string]>([
  ['Always', [s(waiting)], [waiting, waiting], false, 'Pending'],
  ['Always', [s(running)], [waiting, waiting], false, 'Pending'],
  ['Always', [started], [waiting, waiting], false, 'Pending'],
  ['Always', [s(succeeded)], [waiting, waiting], false, 'Pending'],
  ['Always', [backOff], [waiting, waiting], false, 'Pending'],
  ['Always', [backOffFailed], [waiting, waiting], false, 'Pending'],
  ['Always', [started], [running, waiting], false, 'Pending'],
  ['Always', [started], [running, running], false, 'Running'],
  ['Always', [s(running)], [running, running], false, 'Running'],
  ['Always', [s(succeeded)], [running, running], false, 'Running'],
  ['Always', [backOff], [running, running], false, 'Running'],
  ['Always', [s(failed)], [succeeded, succeeded], true, 'Succeeded'],
  ['Always', [s(succeeded)], [succeeded, succeeded], true, 'Succeeded'],
  ['Always', [running, s(running)], [running], false, 'Pending'],
  ['Always', [running, s(running)], [succeeded], false, 'Pending'],
  ['Always', [succeeded, s(running)], [succeeded], false, 'Running'],
  ['Always', [succeeded, s(running)], [running], false, 'Running'],
  ['Never', [s(running)], [waiting, waiting], false, 'Pending'],
  ['Never', [s(failed)], [waiting, waiting], false, 'Pending'],
  ['Never', [backOffFailed], [waiting, waiting], false, 'Pending'],
  ['Never', [started], [running, waiting], false, 'Pending'],
  ['Never', [started], [succeeded, succeeded], false, 'Running'],
  ['Never', [s(running)], [succeeded, succeeded], false, 'Running'],
  ['Never', [s(succeeded)], [succeeded, succeeded], false, 'Succeeded'],
  ['Never', [s(failed)], [succeeded, succeeded], false, 'Succeeded'],
  ['Never', [backOff], [succeeded, succeeded], false, 'Succeeded'],
  ['Never', [backOffFailed], [succeeded, succeeded], false, 'Succeeded'],
  ['Never', [s(succeeded)], [succeeded, failed], false, 'Failed'],
])('phase under %s with sidecars, case %#', (policy, inits, containers, terminating, phase) => {
  expect(podPhase(pod(policy), inits, containers, terminating)).toBe(phase);
});

it('is Pending again when a new sandbox is initialized anew', () => {
  expect(podPhase(pod('Always'), [s(running)], [failed], false, false)).toBe('Pending');
});
