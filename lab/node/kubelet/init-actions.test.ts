import { describe, expect, it } from 'vitest';
import type { Container, Pod, RestartPolicy } from '../runtime/index.ts';
import { computePodActions } from './actions.ts';
import type { ContainerRecord, PodRecord } from './pod-status.ts';

const regular: Container[] = ['foo1', 'foo2', 'foo3'].map((name) => ({ name, image: 'i' }));
const sidecar = (name: string, probes: Partial<Container> = {}): Container => ({
  name,
  image: 'i',
  restartPolicy: 'Always',
  ...probes,
});
const probes = { startupProbe: {}, livenessProbe: {} };
const SIDECARS = [sidecar('init-1'), sidecar('init-2', probes), sidecar('init-3', probes)];

const makePod = (restartPolicy: RestartPolicy, initContainers: readonly Container[] = SIDECARS): Pod => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { restartPolicy, containers: regular, initContainers },
});

const record = (
  name: string,
  state: ContainerRecord['state'] = 'running',
  fields: Partial<ContainerRecord> = {},
): ContainerRecord => ({
  id: `${name}-id`,
  name,
  init: name.startsWith('init'),
  attempt: 0,
  image: 'i',
  imageID: 'x',
  createdAt: '2026-11-20T10:00:05.000Z',
  state,
  pid: 1,
  ...(state === 'exited' ? { exitCode: 0 } : {}),
  ...fields,
});
const failed = (name: string) => record(name, 'exited', { exitCode: 137 });
const running = (...names: string[]) => names.map((name) => record(name));

interface Given {
  readonly policy?: RestartPolicy;
  readonly inits?: readonly Container[];
  readonly containers?: readonly ContainerRecord[];
  readonly sandboxReady?: boolean;
  /** Containers whose startup probe has not succeeded yet. */
  readonly starting?: readonly string[];
}

/** What {@link computePodActions} says, by names. */
function actions(given: Given) {
  const pod = makePod(given.policy ?? 'Always', given.inits);
  const status: PodRecord = {
    pod,
    startTime: '',
    sandbox: {
      id: 's',
      attempt: 0,
      createdAt: '2026-11-20T10:00:00.000Z',
      netns: '/n',
      ip: '10.0.0.1',
      pid: 9,
      ready: given.sandboxReady ?? true,
    },
    containers: given.containers ?? running('init-1', 'init-2', 'init-3'),
  };
  const started = new Map((given.starting ?? []).map((name) => [name, { started: false }]));
  const result = computePodActions(pod, status, started);
  return {
    killPod: result.killPod,
    createSandbox: result.createSandbox,
    inits: result.initContainersToStart.map(({ name }) => name),
    starts: result.containersToStart.map(({ name }) => name),
    kills: result.containersToKill.map(({ id }) => id),
  };
}
const nothing = { killPod: false, createSandbox: false, inits: [], starts: [], kills: [] };
const ALL = ['foo1', 'foo2', 'foo3'];

// TestComputePodActionsWithRestartableInitContainers (pkg/kubelet/kuberuntime/kuberuntime_manager_test.go): three sidecars,
// the second and third with startup and liveness probes. Where the real function kills what probes have failed, the worker
// has done so before it asks.
describe('computePodActions with sidecars', () => {
  it.each<[string, Given, Partial<ReturnType<typeof actions>>]>([
    ['starts the regular containers when all have started', {}, { starts: ALL }],
    ['starts the first one first', { containers: [] }, { inits: ['init-1'] }],
    [
      'starts one anew that was created only',
      { containers: [...running('init-1', 'init-2'), record('init-3', 'created')] },
      { inits: ['init-3'], kills: ['init-3-id'] },
    ],
    ['starts the next once one has started', { containers: running('init-1') }, { inits: ['init-2'] }],
    ['waits for a startup probe', { containers: running('init-1', 'init-2'), starting: ['init-2'] }, {}],
    [
      'goes on when the startup probe has succeeded',
      { containers: running('init-1', 'init-2') },
      { inits: ['init-3'] },
    ],
    [
      'does not start the regular containers before the last one has started',
      { starting: ['init-3'] },
      { inits: [], starts: [] },
    ],
    [
      'starts one anew that its liveness or startup probe has ended',
      { containers: [...running('init-1', 'init-2'), failed('init-3')] },
      { inits: ['init-3'] },
    ],
    [
      'replaces one whose image has been changed',
      { inits: [...SIDECARS.slice(0, 2), { ...sidecar('init-3'), image: 'other' }] },
      { inits: ['init-3'], starts: ALL, kills: ['init-3-id'] },
    ],
    [
      'restarts an earlier one along with the sequence',
      { containers: [record('init-1', 'exited'), record('init-2'), record('init-3', 'exited')] },
      { inits: ['init-1', 'init-3'] },
    ],
    [
      'restarts an earlier one along with the regular containers',
      { containers: [record('init-1', 'exited'), ...running('init-2', 'init-3')] },
      { inits: ['init-1'], starts: ALL },
    ],
    [
      'ends a pod that never restarts and whose sandbox has died',
      {
        policy: 'Never',
        sandboxReady: false,
        containers: [...running('init-1', 'init-2'), failed('init-3')],
      },
      { killPod: true },
    ],
    [
      'makes the sandbox of such a pod that has run nothing yet',
      { policy: 'Never', sandboxReady: false, containers: [] },
      { killPod: true, createSandbox: true, inits: ['init-1'] },
    ],
    [
      'begins anew in a new sandbox under OnFailure',
      {
        policy: 'OnFailure',
        sandboxReady: false,
        containers: [...running('init-1', 'init-2'), failed('init-3')],
      },
      { killPod: true, createSandbox: true, inits: ['init-1'] },
    ],
    [
      'begins anew in a new sandbox under Always',
      { sandboxReady: false, containers: [...running('init-1', 'init-2'), failed('init-3')] },
      { killPod: true, createSandbox: true, inits: ['init-1'] },
    ],
    [
      'restarts the last one under Never too',
      { policy: 'Never', containers: [...running('init-1', 'init-2'), failed('init-3')] },
      { inits: ['init-3'] },
    ],
    [
      'kills one of unknown state and starts it anew, under Never too',
      { policy: 'Never', containers: [...running('init-1', 'init-2'), record('init-3', 'unknown')] },
      { inits: ['init-3'], kills: ['init-3-id'] },
    ],
    [
      'restarts one beside running regular containers under Never',
      { policy: 'Never', containers: [...running('init-1', 'init-2', ...ALL), failed('init-3')] },
      { inits: ['init-3'] },
    ],
    [
      'ends the pod when all regular containers have succeeded under Never',
      {
        policy: 'Never',
        containers: [...running('init-1', 'init-2', 'init-3'), ...ALL.map((name) => record(name, 'exited'))],
      },
      { killPod: true },
    ],
    [
      'restarts those without a record before one that runs',
      { containers: running('init-3') },
      { inits: ['init-1', 'init-2'], starts: ALL },
    ],
  ])('%s', (_, given, wanted) => {
    expect(actions(given)).toEqual({ ...nothing, ...wanted });
  });

  it('does nothing while all run', () => {
    expect(actions({ containers: running('init-1', 'init-2', 'init-3', ...ALL) })).toEqual(nothing);
  });

  it('does not restart them when the pod is done', () => {
    const ended = [
      ...['init-1', 'init-2', 'init-3'].map(failed),
      ...ALL.map((name) => record(name, 'exited')),
    ];
    expect(actions({ policy: 'Never', containers: ended })).toEqual({ ...nothing, killPod: true });
    expect(actions({ policy: 'OnFailure', containers: ended })).toEqual({ ...nothing, killPod: true });
    expect(actions({ containers: ended })).toEqual({
      ...nothing,
      inits: ['init-1', 'init-2', 'init-3'],
      starts: ALL,
    });
  });

  it('keeps them through a startup probe that begins anew while regular containers run', () => {
    const containers = running('init-1', 'init-2', 'init-3', 'foo1', 'foo2', 'foo3');
    expect(actions({ containers, starting: ['init-2', 'init-3'] })).toEqual(nothing);
  });

  it('does not take regular containers of an earlier sandbox for a sign that initialization is over', () => {
    const before = { exitCode: 137, createdAt: '2026-11-20T09:00:00.000Z' };
    const old = ALL.map((name) => record(name, 'exited', before));
    expect(actions({ containers: old })).toEqual({ ...nothing, inits: ['init-1'] });
    expect(actions({ containers: [record('init-1'), ...old] })).toEqual({ ...nothing, inits: ['init-2'] });
  });
});

describe('computePodActions with sidecars among ordinary init containers', () => {
  const inits = [{ name: 'init-1', image: 'i' }, sidecar('init-2'), { name: 'init-3', image: 'i' }];
  const done = record('init-1', 'exited');

  it('goes through them in their order', () => {
    expect(actions({ inits, containers: [] }).inits).toEqual(['init-1']);
    expect(actions({ inits, containers: [record('init-1')] })).toEqual(nothing);
    expect(actions({ inits, containers: [done] }).inits).toEqual(['init-2']);
    expect(actions({ inits, containers: [done, record('init-2')] }).inits).toEqual(['init-3']);
    expect(actions({ inits, containers: [done, ...running('init-2', 'init-3')] })).toEqual(nothing);
    const all = [done, record('init-2'), record('init-3', 'exited')];
    expect(actions({ inits, containers: all })).toEqual({ ...nothing, starts: ALL });
  });

  it('keeps a sidecar running while a later init container runs, or fails', () => {
    const ended = record('init-2', 'exited');
    expect(actions({ inits, containers: [done, ended, record('init-3')] }).inits).toEqual(['init-2']);
    expect(actions({ inits, containers: [done, ended, failed('init-3')] }).inits).toEqual([
      'init-2',
      'init-3',
    ]);
  });

  it('gives a pod up whose init container failed under Never', () => {
    const containers = [done, record('init-2'), failed('init-3')];
    expect(actions({ policy: 'Never', inits, containers })).toEqual({ ...nothing, killPod: true });
  });
});
