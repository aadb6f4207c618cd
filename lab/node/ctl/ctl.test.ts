import { describe, expect, it } from 'vitest';
import type { PodReport } from '../kubelet/pod-report.ts';
import type { NodeReport } from '../kubelet/status-sink.ts';
import { asUserOf, execArgs, parseCriLine, renderCriLine, tailLines } from '../runtime/index.ts';
import { logGrows } from './logs.ts';
import { podStatusText, podTable } from './pods.ts';
import { pendingReasons } from './readiness.ts';

const pod = (fields: object): PodReport =>
  ({
    namespace: 'd',
    name: 'p',
    static: true,
    phase: 'Running',
    podIP: '192.168.104.66',
    terminating: false,
    message: '',
    initContainerStatuses: [],
    containerStatuses: [{ name: 'c', ready: true, restartCount: 0, state: { running: { startedAt: 'T' } } }],
    ...fields,
  }) as unknown as PodReport;
const waiting = (reason: string, message?: string) => ({
  containerStatuses: [{ name: 'c', ready: false, restartCount: 2, state: { waiting: { reason, message } } }],
});

describe('CRI logs', () => {
  it('are followed from the making of their container to its end', () => {
    const of = (restartCount: number, state: object, lastState: object = {}) =>
      pod({
        containerStatuses: [{ name: 'c', containerID: `id-${restartCount}`, restartCount, state, lastState }],
      });
    const waits = { waiting: { reason: 'ContainerCreating' } };
    const ended = (containerID: string) => ({ terminated: { exitCode: 0, containerID } });
    expect(logGrows(of(0, waits), 'c', 0)).toBe(true);
    expect(logGrows(of(1, { running: {} }, ended('id-0')), 'c', 1)).toBe(true);
    expect(logGrows(of(0, ended('id-0')), 'c', 0)).toBe(false);
    expect(logGrows(of(0, { waiting: { reason: 'CrashLoopBackOff' } }, ended('id-0')), 'c', 0)).toBe(false);
    expect(logGrows(of(1, { running: {} }, ended('id-0')), 'c', 0)).toBe(false);
    expect(logGrows(undefined, 'c', 0)).toBe(false);
  });

  it('are taken apart', () => {
    expect(parseCriLine('2026-11-20T11:28:01.856827135+00:00 stderr F a b')).toEqual({
      time: '2026-11-20T11:28:01.856827135+00:00',
      stream: 'stderr',
      partial: false,
      text: 'a b',
    });
    expect(['T stdout F x', 'T stdout P x', 'T stdout F '].map((line) => renderCriLine(line).text)).toEqual([
      'x\n',
      'x',
      '\n',
    ]);
  });
  it('are cut to the last whole lines, pieces counted with their line', () => {
    const lines = ['T stdout F 1', 'T stdout P 2a', 'T stdout F 2b', 'T stdout F 3'];
    expect(tailLines(lines, 2)).toEqual(lines.slice(1));
    expect(tailLines(lines, 0)).toEqual([]);
    expect(tailLines(lines, 9)).toEqual(lines);
  });
});

describe('exec', () => {
  it('goes to crun, and with a terminal takes the whole environment along', () => {
    const env = ['PATH=/bin', 'TERM=old', 'FOO=bar'];
    expect(execArgs('ID', true, ['sh', '-c', 'x'], env, 'screen').slice(2)).toEqual([
      'exec',
      '--tty',
      '--env=PATH=/bin',
      '--env=FOO=bar',
      '--env=TERM=screen',
      'ID',
      'sh',
      '-c',
      'x',
    ]);
    expect(execArgs('ID', false, ['id'], env, 'screen').slice(2)).toEqual(['exec', 'ID', 'id']);
  });
  it('changes to the user of a container that is not root’s, keeping the capabilities', () => {
    expect(asUserOf('Uid:\t0\t0\t0\t0\n', ['CAP_KILL'], ['crun'])).toEqual(['crun']);
    expect(
      asUserOf(
        'Uid:\t101\t101\t101\t101\nGid:\t102\t102\t102\t102\n',
        ['CAP_SYS_ADMIN', 'CAP_KILL'],
        ['crun'],
      ),
    ).toEqual([
      'setpriv',
      '--reuid=101',
      '--regid=102',
      '--clear-groups',
      '--inh-caps=-all,+sys_admin,+kill',
      '--ambient-caps=-all,+sys_admin,+kill',
      'crun',
    ]);
  });
});

describe('pods', () => {
  it('shows the status that kubectl shows', () => {
    expect(podStatusText(pod({}))).toBe('Running');
    expect(podStatusText(pod({ terminating: true }))).toBe('Terminating');
    expect(podStatusText(pod(waiting('CrashLoopBackOff')))).toBe('CrashLoopBackOff');
    expect(podStatusText(pod({ initContainerStatuses: [{ state: { running: {} } }] }))).toBe('Init:0/1');
    expect(podTable([pod({})])).toBe(
      'NAMESPACE   NAME   READY   STATUS    RESTARTS   IP\nd           p      1/1     Running   0          192.168.104.66',
    );
  });
  it('counts sidecars among the containers', () => {
    const side = { name: 's', sidecar: true, ready: false, started: true, restartCount: 2 };
    const withSide = (fields: object) =>
      pod({ initContainerStatuses: [{ ...side, state: { running: {} }, ...fields }] });
    expect(podStatusText(withSide({}))).toBe('Running');
    expect(podStatusText(withSide({ started: false }))).toBe('Init:0/1');
    expect(podTable([withSide({})]).split('\n')[1]).toMatch(/ 1\/2 +Running +2 /);
  });
});

describe('pendingReasons', () => {
  const report = (fields: object): NodeReport =>
    ({
      node: 'n',
      nodeName: 'n',
      ready: true,
      message: '',
      wanted: ['d/p'],
      pods: [pod({})],
      ...fields,
    }) as NodeReport;
  const calico = { ready: true, waitingFor: [] };
  it('is empty only when everything is there', () => {
    expect(pendingReasons(report({}), calico)).toEqual([]);
    expect(pendingReasons(report({ pods: [] }), calico)).toEqual(['pod d/p has not been started']);
    expect(pendingReasons(report({ pods: [pod(waiting('ErrImagePull', 'no image'))] }), calico)).toEqual([
      'pod d/p is Running (ErrImagePull: no image)',
    ]);
    expect(pendingReasons(report({ pods: [pod({ terminating: true })] }), calico)[0]).toContain(
      'terminating',
    );
    expect(pendingReasons(report({}), { ready: false, waitingFor: ['bird', 'felix'] })).toEqual([
      'calico-node is not ready: bird; felix',
    ]);
    expect(pendingReasons(undefined, calico)).toHaveLength(1);
    const ofUser = { ...waiting('PodInitializing'), static: false, phase: 'Pending' };
    const held = (state: object) => ({
      ...ofUser,
      initContainerStatuses: [{ name: 'i', ready: false, restartCount: 0, state }],
    });
    expect(pendingReasons(report({ pods: [pod(ofUser)] }), calico)).toHaveLength(1);
    for (const state of [{ running: {} }, { waiting: { reason: 'CrashLoopBackOff' } }])
      expect(pendingReasons(report({ pods: [pod(held(state))] }), calico)).toEqual([]);
    expect(
      pendingReasons(report({ pods: [pod(held({ terminated: { exitCode: 0 } }))] }), calico),
    ).toHaveLength(1);
    // A sidecar that has started holds nothing up, but has to become ready in a pod of a manifest.
    const side = { name: 's', sidecar: true, started: true, ready: false, state: { running: {} } };
    const beside = { initContainerStatuses: [side] };
    expect(pendingReasons(report({ pods: [pod({ ...ofUser, ...beside })] }), calico)).toHaveLength(1);
    expect(pendingReasons(report({ pods: [pod(beside)] }), calico)).toEqual(['pod d/p is Running']);
    const crashing = { ...waiting('CrashLoopBackOff'), static: false };
    expect(pendingReasons(report({ pods: [pod(crashing)] }), calico)).toEqual([]);
    const coming = { ...waiting('ContainerCreating'), static: false };
    expect(pendingReasons(report({ pods: [pod(coming)] }), calico)).toHaveLength(1);
    // What has ended is not waited for, however it ended.
    expect(pendingReasons(report({ pods: [pod({ phase: 'Failed' })] }), calico)).toEqual([]);
  });
});
