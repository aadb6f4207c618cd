import { describe, expect, it } from 'vitest';
import type { Container, Pod, RestartPolicy } from '../runtime/index.ts';
import { computePodActions } from './actions.ts';
import { Backoff, goDuration } from './backoff.ts';
import { reconcile } from './pod-state.ts';
import { type ContainerRecord, type PodRecord, withContainer } from './pod-status.ts';

const c = (name: string): Container => ({ name, image: 'i' });
const makePod = (restartPolicy: RestartPolicy, inits: string[] = []): Pod => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { restartPolicy, containers: [c('a'), c('b')], initContainers: inits.map(c) },
});
const record = (
  name: string,
  state: ContainerRecord['state'],
  exitCode?: number,
  attempt = 0,
): ContainerRecord => ({
  id: `${name}-${attempt}`,
  name,
  init: name.startsWith('i'),
  attempt,
  image: 'i',
  imageID: 'x',
  createdAt: '',
  state,
  pid: 1,
  ...(exitCode === undefined ? {} : { exitCode }),
});
const sandbox = { id: 's', attempt: 0, createdAt: '', netns: '/n', ip: '10.0.0.1', pid: 9, ready: true };
const status = (pod: Pod, containers: ContainerRecord[], ready = true): PodRecord => ({
  pod,
  startTime: '',
  sandbox: { ...sandbox, ready },
  containers,
});
const actions = (pod: Pod, containers: ContainerRecord[], ready = true) =>
  computePodActions(pod, status(pod, containers, ready));
const names = (list: readonly Container[]) => list.map((container) => container.name);

// The cases of TestComputePodActions (pkg/kubelet/kuberuntime/kuberuntime_manager_test.go).
describe('computePodActions', () => {
  it('starts everything for a new pod', () => {
    const pod = makePod('Always');
    const result = computePodActions(pod, { pod, startTime: '', sandbox: undefined, containers: [] });
    expect(result).toMatchObject({ killPod: true, createSandbox: true, attempt: 0 });
    expect(names(result.containersToStart)).toEqual(['a', 'b']);
  });
  it('replaces a container whose image has been changed', () => {
    const pod = makePod('Always');
    const before = { ...record('a', 'running'), image: 'other' };
    const result = actions(pod, [before, record('b', 'running')]);
    expect(result.containersToKill).toEqual([
      { id: 'a-0', reason: 'Container a definition changed, will be restarted' },
    ]);
    expect(names(result.containersToStart)).toEqual(['a']);
    expect(result.killPod).toBe(false);
  });
  it('does nothing while all run', () => {
    expect(actions(makePod('Always'), [record('a', 'running'), record('b', 'running')])).toMatchObject({
      killPod: false,
      createSandbox: false,
      containersToStart: [],
      containersToKill: [],
    });
  });
  it.each([
    ['Always', 0, ['a']],
    ['Always', 1, ['a']],
    ['OnFailure', 0, []],
    ['OnFailure', 1, ['a']],
    ['Never', 0, []],
    ['Never', 1, []],
  ] as const)('restarts under %s after exit code %i: %j', (policy, code, wanted) => {
    const result = actions(makePod(policy), [record('a', 'exited', code), record('b', 'running')]);
    expect(names(result.containersToStart)).toEqual(wanted);
    expect(result.killPod).toBe(false);
  });
  it('kills the pod when all is done', () => {
    expect(actions(makePod('Never'), [record('a', 'exited', 0), record('b', 'exited', 1)]).killPod).toBe(
      true,
    );
    expect(actions(makePod('OnFailure'), [record('a', 'exited', 0), record('b', 'exited', 0)]).killPod).toBe(
      true,
    );
  });
  it('recreates a dead sandbox with all containers under Always', () => {
    const result = actions(makePod('Always'), [record('a', 'running'), record('b', 'exited', 0)], false);
    expect(result).toMatchObject({ killPod: true, createSandbox: true, attempt: 1 });
    expect(names(result.containersToStart)).toEqual(['a', 'b']);
  });
  it('recreates it only for what has not succeeded under OnFailure', () => {
    const pod = makePod('OnFailure');
    expect(
      names(actions(pod, [record('a', 'exited', 0), record('b', 'exited', 1)], false).containersToStart),
    ).toEqual(['b']);
    expect(actions(pod, [record('a', 'exited', 0), record('b', 'exited', 0)], false).createSandbox).toBe(
      false,
    );
  });
  it('leaves a pod that never restarts as it ended', () => {
    expect(actions(makePod('Never'), [record('a', 'exited', 137)], false)).toMatchObject({
      killPod: true,
      createSandbox: false,
    });
  });
  it('creates the sandbox of such a pod when the first attempt failed before any container', () => {
    expect(actions(makePod('Never'), [], false)).toMatchObject({ createSandbox: true, attempt: 1 });
  });
  it('kills a container of unknown state before it is started again', () => {
    const result = actions(makePod('Always'), [record('a', 'unknown'), record('b', 'running')]);
    expect(result.containersToKill.map((entry) => entry.id)).toEqual(['a-0']);
    expect(names(result.containersToStart)).toEqual(['a']);
  });
  it('runs init containers one by one, then the others', () => {
    const pod = makePod('Always', ['i1', 'i2']);
    expect(names(actions(pod, []).initContainersToStart)).toEqual(['i1']);
    expect(actions(pod, [record('i1', 'running')]).initContainersToStart).toEqual([]);
    expect(names(actions(pod, [record('i1', 'exited', 0)]).initContainersToStart)).toEqual(['i2']);
    expect(names(actions(pod, [record('i1', 'exited', 1)]).initContainersToStart)).toEqual(['i1']);
    expect(
      names(actions(pod, [record('i1', 'exited', 0), record('i2', 'exited', 0)]).containersToStart),
    ).toEqual(['a', 'b']);
  });
  it('gives a pod up whose init container failed under Never', () => {
    expect(actions(makePod('Never', ['i1']), [record('i1', 'exited', 1)])).toMatchObject({
      killPod: true,
      containersToStart: [],
    });
  });
});

describe('Backoff', () => {
  it('doubles from 10 s to 5 min and starts anew after 10 min of peace', () => {
    let now = 1_000_000;
    const backoff = new Backoff(10_000, 300_000, () => now);
    expect(backoff.remaining('c', now)).toBe(0);
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      backoff.next('c', now);
      waits.push(backoff.wait('c') / 1000);
      now += backoff.wait('c');
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(backoff.remaining('c', now)).toBe(300_000);
    now += 100_000;
    expect(backoff.remaining('c', now - 100_000)).toBe(200_000);
    now += 700_000;
    expect(backoff.remaining('c', now)).toBe(0);
    backoff.next('c', now);
    expect(backoff.wait('c')).toBe(10_000);
  });
  it('prints as Go does', () => {
    expect([10_000, 80_000, 300_000].map(goDuration)).toEqual(['10s', '1m20s', '5m0s']);
  });
});

describe('reconcile', () => {
  const pod = makePod('Always');
  const left = status(pod, [record('a', 'running'), record('b', 'running')]);
  const entry = (id: string, pid: number, status: 'running' | 'created' = 'running') =>
    [id, { id, pid, status }] as const;
  it('adopts all after a restart of the kubelet, and learns of what ended meanwhile', () => {
    const found = reconcile(left, {
      running: new Map([entry('s', 9), entry('a-0', 77)]),
      netnsAlive: () => true,
      exitCode: (container) => (container.name === 'b' ? 3 : undefined),
      now: 'T',
    });
    expect(found.sandbox?.ready).toBe(true);
    expect(found.containers).toMatchObject([
      { state: 'running', pid: 77 },
      { state: 'exited', exitCode: 3, finishedAt: 'T' },
    ]);
  });
  it('finds nothing after a restart of the node', () => {
    const found = reconcile(left, {
      running: new Map(),
      netnsAlive: () => false,
      exitCode: () => undefined,
      now: 'T',
    });
    expect(found.sandbox).toMatchObject({ ready: false, netns: '/n' });
    expect(found.containers).toMatchObject([
      { exitCode: 137, reason: 'ContainerStatusUnknown' },
      { exitCode: 137 },
    ]);
  });
  it('kills what was created but never started', () => {
    const found = reconcile(status(pod, [record('a', 'created')]), {
      running: new Map([entry('s', 9), entry('a-0', 5, 'created')]),
      netnsAlive: () => true,
      exitCode: () => undefined,
      now: 'T',
    });
    expect(found.containers[0]?.state).toBe('unknown');
  });
});

it('withContainer keeps the newest two attempts', () => {
  let kept = status(makePod('Always'), []);
  for (const attempt of [0, 1, 2]) kept = withContainer(kept, record('a', 'exited', 1, attempt));
  expect(kept.containers.map((container) => container.attempt)).toEqual([2, 1]);
});
