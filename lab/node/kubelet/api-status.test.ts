import { describe, expect, it } from 'vitest';
import type { Pod, RestartPolicy } from '../runtime/index.ts';
import { podReport } from './api-status.ts';
import { podPhase } from './pod-phase.ts';
import type { ContainerState, ContainerStatus } from './pod-report.ts';
import type { ContainerRecord, PodRecord } from './pod-status.ts';

const pod = (restartPolicy: RestartPolicy): Pod => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: {
    restartPolicy,
    containers: [
      { name: 'a', image: 'i' },
      { name: 'b', image: 'i' },
    ],
  },
});
const running: ContainerState = { running: { startedAt: 'T' } };
const ended = (exitCode: number): ContainerState => ({
  terminated: { exitCode, reason: 'r', startedAt: null, finishedAt: null, containerID: '' },
});
const waiting: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const status = (state: ContainerState, lastState: ContainerState = {}) =>
  ({ state, lastState }) as ContainerStatus;

// TestPodPhaseWithRestartAlways, …Never, …OnFailure (pkg/kubelet/kubelet_pods_test.go).
it.each([
  ['Always', [waiting, waiting], 'Pending'],
  ['Always', [running, running], 'Running'],
  ['Always', [ended(0), ended(1)], 'Running'],
  ['Always', [running, ended(1)], 'Running'],
  ['Always', [running, waiting], 'Pending'],
  ['Never', [running, running], 'Running'],
  ['Never', [ended(0), ended(0)], 'Succeeded'],
  ['Never', [ended(1), ended(1)], 'Failed'],
  ['Never', [ended(0), ended(1)], 'Failed'],
  ['Never', [running, ended(1)], 'Running'],
  ['OnFailure', [ended(0), ended(0)], 'Succeeded'],
  ['OnFailure', [ended(1), ended(0)], 'Running'],
] as const)('phase under %s', (policy, states, phase) => {
  expect(
    podPhase(
      pod(policy),
      [],
      states.map((state) => status(state)),
    ),
  ).toBe(phase);
});

it('counts a container in back-off as stopped, not as waiting', () => {
  expect(podPhase(pod('Always'), [], [status(waiting, ended(1)), status(running)])).toBe('Running');
  expect(podPhase(pod('Always'), [], [status(waiting, ended(1)), status(waiting, ended(1))])).toBe('Running');
});

it('is Pending or Failed with its init containers', () => {
  expect(podPhase(pod('Always'), [status(waiting, ended(1))], [status(waiting), status(waiting)])).toBe(
    'Pending',
  );
  expect(podPhase(pod('Never'), [status(ended(1))], [status(waiting), status(waiting)])).toBe('Failed');
  expect(podPhase(pod('Always'), [status(running)], [status(waiting), status(waiting)])).toBe('Pending');
});

it('reports states, last states, conditions and addresses', () => {
  const record: PodRecord = {
    pod: pod('Always'),
    startTime: 'T0',
    sandbox: {
      id: 's',
      attempt: 0,
      createdAt: '',
      netns: '/run/netns/cni-1',
      ip: '192.168.104.66',
      pid: 5,
      ready: true,
    },
    containers: [
      {
        id: 'a1',
        name: 'a',
        init: false,
        attempt: 1,
        image: 'i',
        imageID: 'x',
        createdAt: 'T',
        state: 'running',
        pid: 9,
        startedAt: 'T3',
      },
      {
        id: 'b2',
        name: 'b',
        init: false,
        attempt: 2,
        image: 'i',
        imageID: 'x',
        createdAt: 'T',
        state: 'exited',
        pid: 0,
        exitCode: 3,
        startedAt: 'T1',
        finishedAt: 'T2',
      },
      {
        id: 'a0',
        name: 'a',
        init: false,
        attempt: 0,
        image: 'i',
        imageID: 'x',
        createdAt: 'T',
        state: 'exited',
        pid: 0,
        exitCode: 1,
      },
    ],
  };
  const report = podReport(record, {
    hostIP: '10.1.110.102',
    waiting: new Map([['b', { reason: 'CrashLoopBackOff', message: 'back-off 20s' }]]),
    message: '',
    terminating: false,
  });
  expect(report).toMatchObject({
    phase: 'Running',
    podIP: '192.168.104.66',
    hostIP: '10.1.110.102',
    sandboxPid: 5,
    netns: '/run/netns/cni-1',
  });
  expect(report.containerStatuses).toMatchObject([
    {
      name: 'a',
      pid: 9,
      ready: true,
      restartCount: 1,
      state: { running: { startedAt: 'T3' } },
      lastState: { terminated: { exitCode: 1 } },
    },
    {
      name: 'b',
      pid: 0,
      ready: false,
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    },
  ]);
  expect(report.conditions).toContainEqual({
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [b]',
  });
});

it('is ready and started as probes say, and ended whatever its policy once it is to go', () => {
  const record = (state: 'running' | 'exited', name: string) => ({
    id: name,
    name,
    init: false,
    attempt: 0,
    image: 'i',
    imageID: 'i',
    createdAt: '',
    state,
    pid: 1,
    ...(state === 'exited' ? { exitCode: 0 } : {}),
  });
  const of = (state: 'running' | 'exited', terminating: boolean) =>
    podReport(
      {
        pod: pod('Always'),
        startTime: '',
        sandbox: undefined,
        containers: [record(state, 'a'), record(state, 'b')],
      },
      {
        hostIP: '',
        waiting: new Map(),
        probes: new Map([['a', { ready: false, started: true }]]),
        message: '',
        terminating,
      },
    );
  expect(of('running', false).containerStatuses).toMatchObject([
    { ready: false, started: true },
    { ready: true, started: true },
  ]);
  expect(of('exited', false).phase).toBe('Running');
  expect(of('exited', true).phase).toBe('Succeeded');
});

describe('a pod with sidecars', () => {
  const spec: Pod = {
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: {
      containers: [{ name: 'main', image: 'i' }],
      initContainers: [
        { name: 'init', image: 'i' },
        { name: 'side', image: 'i', restartPolicy: 'Always' },
      ],
    },
  };
  const record = (name: string, state: ContainerRecord['state'], exitCode?: number): ContainerRecord => ({
    id: name,
    name,
    init: name !== 'main',
    attempt: 0,
    image: 'i',
    imageID: 'i',
    createdAt: '2026-11-20T10:00:05.000Z',
    state,
    pid: 1,
    ...(exitCode === undefined ? {} : { exitCode }),
  });
  const init = record('init', 'exited', 0);
  const report = (containers: ContainerRecord[], probe?: { ready: boolean; started: boolean }) =>
    podReport(
      {
        pod: spec,
        startTime: '',
        sandbox: {
          id: 's',
          attempt: 0,
          createdAt: '2026-11-20T10:00:00.000Z',
          netns: '',
          ip: '',
          pid: 1,
          ready: true,
        },
        containers,
      },
      {
        hostIP: '',
        waiting: new Map(),
        probes: new Map(probe ? [['side', probe]] : []),
        message: '',
        terminating: false,
      },
    );
  const condition = (given: ReturnType<typeof report>, type: string) =>
    given.conditions.find((entry) => entry.type === type);

  it('is initialized when they have started, and ready when they are', () => {
    const starting = report([init, record('side', 'running')], { ready: false, started: false });
    expect(starting.phase).toBe('Pending');
    expect(starting.initContainerStatuses).toMatchObject([
      { name: 'init', ready: true },
      { name: 'side', sidecar: true, ready: false, started: false },
    ]);
    expect(condition(starting, 'Initialized')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [side]',
    });
    expect(condition(starting, 'Ready')).toMatchObject({
      status: 'False',
      message: 'containers with unready status: [side main]',
    });

    const unready = report([init, record('side', 'running'), record('main', 'running')], {
      ready: false,
      started: true,
    });
    expect(unready.phase).toBe('Running');
    expect(condition(unready, 'Initialized')).toMatchObject({ status: 'True' });
    expect(condition(unready, 'ContainersReady')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [side]',
    });

    const ready = report([init, record('side', 'running'), record('main', 'running')]);
    expect(ready.initContainerStatuses[1]).toMatchObject({ ready: true, started: true });
    expect(condition(ready, 'Ready')).toMatchObject({ status: 'True' });
  });

  it('stays Running and initialized while one starts anew', () => {
    const again = report([init, record('side', 'running'), record('main', 'running')], {
      ready: false,
      started: false,
    });
    expect(again.phase).toBe('Running');
    expect(condition(again, 'Initialized')).toMatchObject({ status: 'True' });
  });

  it('has succeeded however they ended', () => {
    const done = podReport(
      {
        pod: { ...spec, spec: { ...spec.spec, restartPolicy: 'Never' } },
        startTime: '',
        sandbox: undefined,
        containers: [init, record('side', 'exited', 143), record('main', 'exited', 0)],
      },
      { hostIP: '', waiting: new Map(), message: '', terminating: false },
    );
    expect(done.phase).toBe('Succeeded');
    expect(condition(done, 'Initialized')).toMatchObject({ status: 'True', reason: 'PodCompleted' });
    expect(condition(done, 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
  });
});
