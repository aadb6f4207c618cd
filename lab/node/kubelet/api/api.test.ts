import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../../../api/client/fake.ts';
import {
  eventRecorder,
  type Informer,
  informer,
  LEASES,
  ManualClock,
  NODES,
  PODS,
} from '../../../api/client/index.ts';
import type { Condition, Lease, Node } from '../../../api/objects/index.ts';
import type { Pod } from '../../runtime/index.ts';
import { podReport } from '../api-status.ts';
import type { PodRecord } from '../pod-status.ts';
import { samePod, staticPod } from '../static-pod.ts';
import { MergedSource } from './api-source.ts';
import { fieldPath } from './event-sink.ts';
import { MirrorKeeper } from './mirror-keeper.ts';
import { mirrorPod, planMirrors } from './mirror-pod.ts';
import { NodeAgent } from './node-agent.ts';
import { initialNode, type NodeFacts, nodeConditions, nodeResources } from './node-object.ts';
import { type ApiPod, podFromApi } from './pod-from-api.ts';
import { apiPodStatus, mergeConditions } from './pod-status.ts';
import { StatusManager } from './status-manager.ts';

const NOW = Date.UTC(2026, 10, 20, 11);
const facts: NodeFacts = {
  architecture: 'amd64',
  kernelVersion: '5.15.0-122-generic',
  osImage: 'Debian GNU/Linux 13 (trixie)',
  machineID: 'm',
  systemUUID: 's',
  bootID: 'b',
  containerRuntimeVersion: 'crun://1.21',
  cpus: 4,
  memoryBytes: 8145228 * 1024,
  diskBytes: 40581564 * 1024,
};
const identity = { nodeName: 'n1', address: '10.1.110.102', controlPlane: false };
const fromFile: Pod = {
  metadata: { name: 'kube-x', namespace: 'kube-system', uid: '0-1-2', labels: { component: 'x' } },
  spec: { hostNetwork: true, containers: [{ name: 'c', image: 'i' }] },
};
const statics = staticPod(fromFile, 'n1', 'T');
const apiPod = (name: string, fields: Partial<ApiPod['metadata']> = {}): ApiPod => ({
  metadata: { name, namespace: 'd', ...fields },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
});

/** Waits until a condition holds; every call of the fake takes a turn of the event loop. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('not within 500 turns');
}

describe('static pods', () => {
  it('are named after their node and carry the annotations of a file', () => {
    expect(statics.metadata).toEqual({
      name: 'kube-x-n1',
      namespace: 'kube-system',
      uid: '012',
      labels: { component: 'x' },
      annotations: {
        'kubernetes.io/config.hash': '012',
        'kubernetes.io/config.seen': 'T',
        'kubernetes.io/config.source': 'file',
      },
    });
    expect(statics.spec).toMatchObject({
      nodeName: 'n1',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    });
  });
  it('are the same whenever they were first seen, and others with every change', () => {
    expect(samePod(statics, staticPod(fromFile, 'n1', 'later'))).toBe(true);
    const changed = { ...fromFile, spec: { ...fromFile.spec, hostNetwork: false } };
    expect(samePod(statics, staticPod(changed, 'n1', 'T'))).toBe(false);
  });
  it('have mirrors that the node owns', () => {
    expect(mirrorPod(statics, { name: 'n1', uid: 'node-uid' }).metadata).toMatchObject({
      name: 'kube-x-n1',
      annotations: { 'kubernetes.io/config.mirror': '012' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'node-uid', controller: true }],
    });
  });
  it('plans what is missing, outdated, deleted or without its file', () => {
    const mirror = mirrorPod(statics, { name: 'n1', uid: 'u' });
    const plan = (pods: readonly Pod[], objects: readonly ApiPod[]) => {
      const { create, remove } = planMirrors(pods, objects);
      return [create.length, remove.length];
    };
    expect(plan([statics], [])).toEqual([1, 0]);
    expect(plan([statics], [mirror])).toEqual([0, 0]);
    expect(plan([], [mirror])).toEqual([0, 1]);
    expect(
      plan([staticPod({ ...fromFile, metadata: { ...fromFile.metadata, uid: 'new' } }, 'n1', 'T')], [mirror]),
    ).toEqual([0, 1]);
    expect(
      plan([statics], [{ ...mirror, metadata: { ...mirror.metadata, deletionTimestamp: 'T' } }]),
    ).toEqual([0, 1]);
    expect(plan([], [apiPod('web')])).toEqual([0, 0]);
  });
});

describe('the node', () => {
  it('registers with labels, and the control plane with its taint', () => {
    expect(initialNode(identity, facts).metadata.labels).toEqual({
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': 'n1',
      'kubernetes.io/os': 'linux',
    });
    const controlPlane = initialNode({ ...identity, controlPlane: true }, facts);
    expect(controlPlane.metadata.labels).toHaveProperty(['node-role.kubernetes.io/control-plane'], '');
    expect(controlPlane.spec.taints).toEqual([
      { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
    ]);
  });
  // Numbers of describe-node-worker2 of the recorded cluster.
  it('keeps back what the kubelet does by default', () => {
    expect(nodeResources(facts).capacity).toMatchObject({ memory: '8145228Ki', pods: '110', cpu: '4' });
    expect(nodeResources(facts).allocatable).toMatchObject({ memory: '8042828Ki', pods: '110' });
  });
  it('is not ready without CNI configuration, and keeps the time of its last change', () => {
    const first = nodeConditions(false, [], NOW);
    expect(first.at(-1)).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'KubeletNotReady',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
      lastHeartbeatTime: '2026-11-20T11:00:00Z',
      lastTransitionTime: '2026-11-20T11:00:00Z',
    });
    expect(nodeConditions(false, first, NOW + 10_000).at(-1)).toMatchObject({
      lastHeartbeatTime: '2026-11-20T11:00:10Z',
      lastTransitionTime: '2026-11-20T11:00:00Z',
    });
    expect(nodeConditions(true, first, NOW + 10_000).at(-1)?.lastTransitionTime).toBe('2026-11-20T11:00:10Z');
  });

  describe('agent', () => {
    const api = new FakeApi();
    const agent = new NodeAgent(api, {
      identity,
      facts,
      recorder: eventRecorder(api, { component: 'kubelet' }),
      clock: Date.now,
      heartbeatSeconds: 0.02,
    });
    afterEach(() => agent.stop());
    const ready = async () => {
      const node = await api.get<Node>(NODES, 'n1').catch(() => undefined);
      return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    };
    it('registers, reports, renews the lease, and comes back when its object is deleted', async () => {
      agent.start();
      await until(async () => (await ready()) === 'False');
      agent.publish({ node: 'n', nodeName: 'n1', ready: true, message: '', wanted: [], pods: [] });
      await until(async () => (await ready()) === 'True');
      const renewed = async () =>
        (await api.get<Lease>(LEASES, 'n1', 'kube-node-lease').catch(() => undefined))?.spec?.renewTime;
      await until(async () => (await renewed()) !== undefined);
      const first = await renewed();
      await until(async () => (await renewed()) !== first);
    });
    it('takes back what the life-cycle controller wrote while it was silent', async () => {
      const own = new FakeApi();
      let ahead = 0;
      const frozen = new NodeAgent(own, {
        identity,
        facts,
        recorder: eventRecorder(own, { component: 'kubelet' }),
        clock: () => Date.now() + ahead,
        heartbeatSeconds: 0.02,
      });
      const shown = async () => {
        const node = await own.get<Node>(NODES, 'n1').catch(() => undefined);
        return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
      };
      frozen.publish({ node: 'n', nodeName: 'n1', ready: true, message: '', wanted: [], pods: [] });
      frozen.start();
      try {
        await until(async () => (await shown()) === 'True');
        const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
        await own.patch(
          NODES,
          'n1',
          undefined,
          { status: { conditions } },
          { type: 'strategic', subresource: 'status' },
        );
        expect(await shown()).toBe('Unknown');
        ahead = 11_000;
        await until(async () => (await shown()) === 'True');
      } finally {
        frozen.stop();
      }
    });
  });
});

describe('pods of the API', () => {
  const api = { current: new FakeApi() };
  let pods: Informer<ApiPod>;
  beforeEach(() => {
    api.current = new FakeApi();
    pods = informer<ApiPod>(api.current, PODS, { fieldSelector: 'spec.nodeName=n1' });
  });
  afterEach(() => pods.stop());
  const record = (pod: Pod): PodRecord => ({
    pod,
    startTime: '2026-11-20T11:00:00.123Z',
    sandbox: { id: 's', attempt: 0, createdAt: '', netns: '/n', ip: '10.0.0.7', pid: 1, ready: true },
    containers: [
      {
        id: 'x',
        name: 'c',
        init: false,
        attempt: 0,
        image: 'i',
        imageID: 'i',
        createdAt: '',
        state: 'running',
        pid: 2,
        startedAt: '2026-11-20T11:00:01.5Z',
      },
    ],
  });
  const report = (pod: Pod) =>
    podReport(record(pod), { hostIP: '10.1.110.102', waiting: new Map(), message: '', terminating: false });
  const reports = (...of: Pod[]) => ({
    node: 'n',
    nodeName: 'n1',
    ready: true,
    message: '',
    wanted: [],
    pods: of.map(report),
  });

  it('are delivered with those of files once the server has been heard', async () => {
    await api.current.create<ApiPod>(PODS, apiPod('web'));
    await api.current.create<ApiPod>(PODS, mirrorPod(statics, { name: 'n1', uid: 'u' }));
    const seen: [string[], boolean][] = [];
    const source = new MergedSource(pods, (wanted) =>
      seen.push([wanted.pods.map(({ metadata }) => metadata.name), wanted.apiKnown]),
    );
    source.setStatics([statics]);
    await until(() => seen.some(([, known]) => known));
    expect(seen.at(-1)).toEqual([['kube-x-n1', 'web'], true]);
  });

  it('do not change for the kubelet by its own reports', () => {
    const object = apiPod('web', { uid: 'u', resourceVersion: '1' });
    const later = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: '2' },
      status: { phase: 'Running' },
    };
    expect(podFromApi(later)).toEqual(podFromApi(object));
    expect(podFromApi({ ...later, status: { phase: 'Failed' } }).status).toEqual({ phase: 'Failed' });
  });

  it('get their status', async () => {
    const created = await api.current.create<ApiPod>(PODS, apiPod('web'));
    const pod = podFromApi(created);
    const manager = new StatusManager(api.current, pods, () => NOW);
    manager.publish(reports(pod));
    await until(async () => (await api.current.get<ApiPod>(PODS, 'web', 'd')).status?.phase === 'Running');
    const { status } = await api.current.get<ApiPod>(PODS, 'web', 'd');
    expect(status).toMatchObject({
      podIP: '10.0.0.7',
      podIPs: [{ ip: '10.0.0.7' }],
      hostIP: '10.1.110.102',
      startTime: '2026-11-20T11:00:00Z',
      containerStatuses: [
        {
          name: 'c',
          ready: true,
          started: true,
          restartCount: 0,
          state: { running: { startedAt: '2026-11-20T11:00:01Z' } },
        },
      ],
    });
    // Nothing new: nothing is written.
    const version = (await api.current.get<ApiPod>(PODS, 'web', 'd')).metadata.resourceVersion;
    manager.publish(reports(pod));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await api.current.get<ApiPod>(PODS, 'web', 'd')).metadata.resourceVersion).toBe(version);
  });

  it('get it back when somebody else has written to it, also within the same second', async () => {
    const pod = podFromApi(await api.current.create<ApiPod>(PODS, apiPod('web')));
    const manager = new StatusManager(api.current, pods, () => NOW);
    manager.publish(reports(pod));
    const conditions = async () =>
      ((await api.current.get<ApiPod>(PODS, 'web', 'd')).status?.conditions ?? []) as Condition[];
    const ready = async () => (await conditions()).find(({ type }) => type === 'Ready')?.status;
    await until(async () => (await ready()) === 'True');
    const written = (await conditions()).map((one) =>
      one.type === 'Ready' ? { ...one, status: 'False' } : one,
    );
    await api.current.patch(PODS, 'web', 'd', { status: { conditions: written } }, { subresource: 'status' });
    await until(async () => (await ready()) === 'True');
  });

  it('go from the API when they have ended, and only then', async () => {
    const created = await api.current.create<ApiPod>(PODS, apiPod('web'));
    await api.current.delete(PODS, 'web', 'd', { gracePeriodSeconds: 30 });
    const pod = podFromApi(await api.current.get<ApiPod>(PODS, 'web', 'd'));
    expect(pod.metadata).toMatchObject({ uid: created.metadata.uid, deletionGracePeriodSeconds: 30 });
    const manager = new StatusManager(api.current, pods, () => NOW);
    manager.publish(reports(pod));
    await until(async () => (await api.current.get<ApiPod>(PODS, 'web', 'd')).status?.phase === 'Running');
    manager.podEnded(pod, report(pod));
    await until(async () => (await api.current.list(PODS)).items.length === 0);
  });

  it('leave another pod of the same name alone', async () => {
    const old = podFromApi({
      ...apiPod('web'),
      metadata: { name: 'web', namespace: 'd', uid: 'old', deletionTimestamp: 'T' },
    });
    await api.current.create<ApiPod>(PODS, apiPod('web'));
    await pods.synced;
    const manager = new StatusManager(api.current, pods, () => NOW);
    manager.publish(reports(old));
    manager.podEnded(old, report(old));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await api.current.get<ApiPod>(PODS, 'web', 'd')).status?.phase).toBe('Pending');
  });

  it('have mirrors made anew when somebody deletes them', async () => {
    const clock = new ManualClock();
    const keeper = new MirrorKeeper(api.current, pods, () => ({ name: 'n1', uid: 'u' }), clock);
    await pods.synced;
    keeper.setStatics([statics]);
    const mirror = async () => (await api.current.list<ApiPod>(PODS)).items[0]?.metadata;
    await until(async () => (await mirror()) !== undefined);
    const first = (await mirror())?.uid;
    // With a grace period the object stays until the kubelet has removed it.
    await api.current.delete(PODS, 'kube-x-n1', 'kube-system', { gracePeriodSeconds: 30 });
    await until(async () => (await mirror()) === undefined);
    // kubectl looks up to 100 ms later whether it is still away.
    for (let waited = 0; waited < 900; waited += 100) {
      await until(() => clock.next() !== undefined);
      clock.advance(100);
      expect(await mirror()).toBeUndefined();
    }
    clock.advance(100);
    await until(async () => {
      const now = await mirror();
      return now !== undefined && now.uid !== first && now.deletionTimestamp === undefined;
    });
    keeper.setStatics([]);
    await until(async () => (await mirror()) === undefined);
  });

  it('keep the times and the conditions that are not the kubelet’s', () => {
    const of = (phase: string) =>
      ({ ...report(podFromApi(apiPod('web'))), phase }) as ReturnType<typeof report>;
    const before = [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: 'A' },
      { type: 'Ready', status: 'True', lastTransitionTime: 'B' },
      { type: 'example.org/gate', status: 'True', lastTransitionTime: 'C' },
    ];
    const merged = mergeConditions(of('Running'), before, 'NOW');
    expect(merged.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ['PodReadyToStartContainers', 'NOW'],
      ['Initialized', 'NOW'],
      ['Ready', 'B'],
      ['ContainersReady', 'NOW'],
      ['PodScheduled', 'A'],
      ['example.org/gate', 'C'],
    ]);
    expect(apiPodStatus({ ...of('Pending'), podIP: '' }, [], NOW)).toMatchObject({
      podIP: null,
      podIPs: null,
    });
  });
});

it('says which part of a pod an event is about', () => {
  const pod: Pod = {
    ...fromFile,
    spec: { ...fromFile.spec, initContainers: [{ name: 'first', image: 'i' }] },
  };
  expect([fieldPath(pod, 'c'), fieldPath(pod, 'first')]).toEqual([
    'spec.containers{c}',
    'spec.initContainers{first}',
  ]);
});
