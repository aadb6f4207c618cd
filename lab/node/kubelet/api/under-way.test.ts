import { expect, test } from 'vitest';
import type { ContainerState, ContainerStatus, PodReport } from '../pod-report.ts';
import { isUnderWay } from './under-way.ts';

const container = (state: ContainerState, lastState: ContainerState = {}): ContainerStatus => ({
  name: 'c',
  image: 'i',
  imageID: '',
  containerID: '',
  pid: 0,
  state,
  lastState,
  ready: false,
  started: false,
  restartCount: 0,
});
const pod = (change: Partial<PodReport> = {}) =>
  ({
    phase: 'Pending',
    terminating: false,
    message: '',
    initContainerStatuses: [],
    containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } })],
    ...change,
  }) as PodReport;
const with1 = (state: ContainerState, lastState?: ContainerState) =>
  pod({ containerStatuses: [container(state, lastState)] });

test('a pod of which nothing runs yet is under way', () => {
  expect(isUnderWay(pod())).toBe(true);
  expect(isUnderWay(with1({ waiting: { reason: 'PodInitializing' } }))).toBe(true);
});

test('a pod that has got somewhere, or does not get on, is not', () => {
  const running = { running: { startedAt: '2026-11-20T09:12:11Z' } };
  expect(isUnderWay(pod({ phase: 'Running' }))).toBe(false);
  expect(isUnderWay(pod({ terminating: true }))).toBe(false);
  expect(isUnderWay(pod({ message: 'network is not ready' }))).toBe(false);
  expect(isUnderWay(pod({ initContainerStatuses: [container(running)] }))).toBe(false);
  expect(isUnderWay(with1(running))).toBe(false);
  expect(isUnderWay(with1({ waiting: { reason: 'ErrImagePull' } }))).toBe(false);
  expect(isUnderWay(with1({ waiting: { reason: 'ContainerCreating', message: 'volume' } }))).toBe(false);
  expect(isUnderWay(with1({ waiting: { reason: 'ContainerCreating' } }, running))).toBe(false);
});
