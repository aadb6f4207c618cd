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

  // TestPrintPodWithRestartableInitContainer.
  describe('with two sidecars', () => {
    const ended = (secondsAgo: number) => ({
      terminated: { exitCode: 1, finishedAt: new Date(now.getTime() - secondsAgo * 1000).toISOString() },
    });
    const first = {
      name: 's1',
      restartPolicy: 'Always',
      ready: false,
      restartCount: 3,
      lastState: ended(10),
    };
    const second = { name: 's2', restartPolicy: 'Always', ready: false, restartCount: 0 };
    const main = { name: 'a', restartCount: 4, lastState: ended(20) };
    const running = { running: {} };
    const of = (phase: string, one: object, two: object, regular: object, initialized: boolean) =>
      summary(
        pod({
          phase,
          initContainerStatuses: [
            { ...first, ...one },
            { ...second, ...two },
          ],
          containerStatuses: [regular],
          conditions: [{ type: 'Initialized', status: initialized ? 'True' : 'False' }],
        }),
      );
    const begun = { ready: false, restartCount: 0, state: { waiting: {} } };

    it('of which the first runs but has not started', () => {
      const starting = { state: running, started: false };
      expect(of('Pending', starting, { state: { waiting: {} }, started: false }, begun, false)).toBe(
        '0/3 Init:0/2 3 (10s ago)',
      );
    });

    it('of which the second runs but has not started', () => {
      expect(
        of('Pending', { state: running, started: true }, { state: running, started: false }, begun, false),
      ).toBe('0/3 Init:1/2 3 (10s ago)');
    });

    it('that have started but are not ready', () => {
      const up = { state: running, started: true };
      expect(of('Running', up, up, { ...main, ready: true, state: running }, true)).toBe(
        '1/3 Running 7 (10s ago)',
      );
    });

    it('that ended with the pod, however', () => {
      const killed = { state: { terminated: { exitCode: 137, reason: 'Error' } }, started: false };
      const done = { ...main, ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
      expect(of('Succeeded', killed, killed, done, true)).toBe('0/3 Completed 7 (10s ago)');
    });

    it('of which one crashes beside a container that runs', () => {
      const crashing = { state: { waiting: { reason: 'CrashLoopBackOff' } }, started: false };
      const up = { state: running, started: true, ready: true };
      expect(of('Running', up, crashing, { ...main, ready: true, state: running }, true)).toBe(
        '2/3 Init:CrashLoopBackOff 7 (10s ago)',
      );
    });
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
