import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { summarizePod } from './status-text.ts';

const now = new Date('2026-11-20T10:00:00Z');
const running = { name: 'a', ready: true, restartCount: 0, state: { running: {} } };

/** A pod of the given statuses; `spec` has as many containers. */
function pod(status: object, more: object = {}): V1Pod {
  const { containerStatuses = [], initContainerStatuses = [] } = status as Record<
    string,
    V1ContainerStatus[]
  >;
  return {
    metadata: { name: 'p' },
    spec: { containers: containerStatuses, initContainers: initContainerStatuses },
    status,
    ...more,
  } as unknown as V1Pod;
}

const summary = (given: V1Pod): string => {
  const { ready, status, restarts } = summarizePod(given, now);
  return `${ready} ${status} ${restarts}`;
};

// The cases of k8s.io/kubernetes/pkg/printers/internalversion TestPrintPod and its like.
describe('READY, STATUS and RESTARTS of a pod', () => {
  it('that runs', () => {
    expect(summary(pod({ phase: 'Running', containerStatuses: [running] }))).toBe('1/1 Running 0');
  });

  it('that crashes again and again', () => {
    const crashed = {
      name: 'a',
      ready: false,
      restartCount: 5,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-20T09:55:00Z' } },
    };
    expect(summary(pod({ phase: 'Running', containerStatuses: [crashed] }))).toBe(
      '0/1 CrashLoopBackOff 5 (5m ago)',
    );
  });

  it('whose image cannot be had', () => {
    const waiting = { name: 'a', restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } };
    expect(summary(pod({ phase: 'Pending', containerStatuses: [waiting] }))).toBe('0/1 ImagePullBackOff 0');
  });

  it('that has ended', () => {
    const done = { name: 'a', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
    expect(summary(pod({ phase: 'Succeeded', containerStatuses: [done] }))).toBe('0/1 Completed 0');
    const killed = { name: 'a', restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } };
    expect(summary(pod({ phase: 'Failed', containerStatuses: [killed] }))).toBe('0/1 Signal:9 0');
    const failed = { name: 'a', restartCount: 0, state: { terminated: { exitCode: 3 } } };
    expect(summary(pod({ phase: 'Failed', containerStatuses: [failed] }))).toBe('0/1 ExitCode:3 0');
  });

  it('one of whose containers has ended', () => {
    const done = { name: 'b', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
    const conditions = [{ type: 'Ready', status: 'True' }];
    const containerStatuses = [done, running];
    expect(summary(pod({ phase: 'Running', containerStatuses, conditions }))).toBe('1/2 Running 0');
    expect(summary(pod({ phase: 'Running', containerStatuses }))).toBe('1/2 NotReady 0');
  });

  it('that initializes', () => {
    const waiting = { name: 'a', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } };
    const first = { name: 'i', restartCount: 0, state: { terminated: { exitCode: 0 } } };
    const second = { name: 'j', restartCount: 0, state: { running: {} } };
    const broken = { name: 'j', restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    const failed = { name: 'j', restartCount: 0, state: { terminated: { exitCode: 1, reason: 'Error' } } };
    const of = (...initContainerStatuses: object[]): string =>
      summary(pod({ phase: 'Pending', initContainerStatuses, containerStatuses: [waiting] }));
    expect(of(first, second)).toBe('0/1 Init:1/2 0');
    expect(of(first, broken)).toBe('0/1 Init:CrashLoopBackOff 2');
    expect(of(first, failed)).toBe('0/1 Init:Error 0');
    expect(of(first, first)).toBe('0/1 PodInitializing 0');
  });

  it('with a sidecar', () => {
    const sidecar = {
      name: 's',
      restartPolicy: 'Always',
      started: true,
      ready: true,
      restartCount: 1,
      state: { running: {} },
    };
    const given = pod({ phase: 'Running', initContainerStatuses: [sidecar], containerStatuses: [running] });
    expect(summary(given)).toBe('2/2 Running 1');
  });

  it('that is being deleted', () => {
    const metadata = { name: 'p', deletionTimestamp: '2026-11-20T09:59:00Z' };
    const alive = pod({ phase: 'Running', containerStatuses: [running] }, { metadata });
    expect(summary(alive)).toBe('1/1 Terminating 0');
    expect(summary(pod({ phase: 'Running', reason: 'NodeLost' }, { metadata }))).toBe('0/0 Unknown 0');
    expect(summary(pod({ phase: 'Succeeded' }, { metadata }))).toBe('0/0 Succeeded 0');
  });

  it('that has been evicted', () => {
    expect(summary(pod({ phase: 'Failed', reason: 'Evicted' }))).toBe('0/0 Evicted 0');
  });
});
