import { describe, expect, it } from 'vitest';
import { loadVectors } from '../../../test/vectors/load.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../api/objects/index.ts';
import type { ClusterState } from './cluster.ts';
import { decide } from './decide.ts';
import { requestsOf } from './resources.ts';

const CONTROL_PLANE = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

function node(name: string, spec: Node['spec'] = {}, labels: Record<string, string> = {}): Node {
  return { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } }, spec };
}

function pod(name: string, spec: Partial<Pod['spec']> = {}, labels: Record<string, string> = {}): Pod {
  return {
    metadata: { name, namespace: 'a', uid: name, labels },
    spec: { containers: [{ name: 'c' }], ...spec },
  };
}

interface Storage {
  readonly claim?: PersistentVolumeClaim;
  readonly volume?: PersistentVolume;
  readonly storageClass?: StorageClass;
}

function cluster(nodes: readonly Node[], pods: readonly Pod[] = [], storage: Storage = {}): ClusterState {
  return {
    nodes: nodes.map((one) => ({
      node: one,
      pods: pods.filter(({ spec }) => spec.nodeName === one.metadata.name),
    })),
    services: [],
    claim: () => storage.claim,
    volume: () => storage.volume,
    storageClass: () => storage.storageClass,
  };
}

const THREE = [node('controlpl1', { taints: [CONTROL_PLANE] }), node('worker1'), node('worker2')];

describe('what does not fit', () => {
  it('is told as the recorded scheduler told it', () => {
    const decision = decide(pod('unschedulable', { nodeSelector: { disk: 'none' } }), cluster(THREE));
    const recorded = loadVectors().get('describe-pod-unschedulable')?.out ?? '';
    const message =
      "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    expect(decision).toEqual({ do: 'wait', message });
    expect(recorded === '' || recorded.includes(message)).toBe(true);
  });

  it('host ports: other pods could make room', () => {
    const wanted = { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] };
    const there = ['worker1', 'worker2'].map((nodeName) => pod(`on-${nodeName}`, { ...wanted, nodeName }));
    expect(decide(pod('p', wanted), cluster(THREE, there))).toEqual({
      do: 'wait',
      message:
        "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't have free ports for the requested pod ports. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
    });
    const udp = {
      containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80, protocol: 'UDP' }] }],
    };
    expect(decide(pod('p', udp), cluster(THREE, there)).do).toBe('bind');
  });

  it('cordoned nodes, full nodes, no nodes', () => {
    const full = { ...node('full'), status: { allocatable: { pods: '1' } } };
    const nodes = [node('cordoned', { unschedulable: true }), full];
    const message = decide(pod('p'), cluster(nodes, [pod('x', { nodeName: 'full' })]));
    expect(message).toMatchObject({
      message: expect.stringMatching(
        /^0\/2 nodes are available: 1 Too many pods, 1 node\(s\) were unschedulable\. /,
      ),
    });
    expect(decide(pod('p'), cluster([]))).toEqual({
      do: 'wait',
      message: 'no nodes available to schedule pods',
    });
  });
});

describe('requests', () => {
  const sized = (name: string, cpu: string, memory: string) => ({
    ...node(name),
    status: { allocatable: { cpu, memory, pods: '110' } },
  });
  const asking = (requests: Record<string, string>) => ({
    containers: [{ name: 'c', resources: { requests } }],
  });
  const two = [sized('small', '500m', '1Gi'), sized('large', '2', '4Gi')];

  it('go where there is room left, whatever is preferred otherwise', () => {
    expect(decide(pod('p', asking({ cpu: '1' })), cluster(two))).toEqual({ do: 'bind', node: 'large' });
    const there = [pod('x', { ...asking({ cpu: '1500m' }), nodeName: 'large' })];
    expect(decide(pod('p', asking({ cpu: '500m' })), cluster(two, there))).toEqual({
      do: 'bind',
      node: 'small',
    });
    const done = there.map((one) => ({ ...one, status: { phase: 'Succeeded' } }));
    expect(decide(pod('p', asking({ cpu: '2' })), cluster(two, done))).toEqual({ do: 'bind', node: 'large' });
  });

  it('are all named when there is no room, and whether it would help if others went', () => {
    const there = [pod('x', { ...asking({ cpu: '1500m', memory: '1Gi' }), nodeName: 'large' })];
    expect(decide(pod('p', asking({ cpu: '1', memory: '3500Mi' })), cluster(two, there))).toEqual({
      do: 'wait',
      message:
        '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    });
  });

  it('count tenths exactly: three times 100m fit into 300m', () => {
    const there = ['a', 'b'].map((name) => pod(name, { ...asking({ cpu: '100m' }), nodeName: 'n' }));
    expect(decide(pod('p', asking({ cpu: '0.1' })), cluster([sized('n', '300m', '1Gi')], there)).do).toBe(
      'bind',
    );
  });

  it('take the largest init container into account, and sidecars beside everything that follows', () => {
    const init = (cpu: string, restartPolicy?: string) => ({
      name: cpu,
      resources: { requests: { cpu } },
      ...(restartPolicy ? { restartPolicy } : {}),
    });
    const initContainers = [init('100m'), init('200m', 'Always'), init('700m')];
    const { containers } = asking({ cpu: '300m' });
    expect(requestsOf(pod('p', { containers, initContainers })).get('cpu')).toBe(900);
    expect(requestsOf(pod('p', { containers, initContainers: initContainers.slice(0, 2) })).get('cpu')).toBe(
      500,
    );
  });
});

describe('what fits', () => {
  it('goes where fewest pods of its owner are, then where fewest pods are, then by name', () => {
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'r', controller: true },
    ];
    const owned = (name: string, nodeName?: string) => {
      const one = pod(name, nodeName ? { nodeName } : {});
      return { ...one, metadata: { ...one.metadata, ownerReferences } };
    };
    const mates = [owned('a', 'worker1')];
    const others = ['x', 'y', 'z'].map((name) => pod(name, { nodeName: 'worker2' }));
    expect(decide(owned('b'), cluster(THREE, [...mates, ...others]))).toEqual({
      do: 'bind',
      node: 'worker2',
    });
    expect(decide(pod('c'), cluster(THREE, [...mates, ...others]))).toEqual({ do: 'bind', node: 'worker1' });
    expect(decide(pod('d'), cluster(THREE))).toEqual({ do: 'bind', node: 'worker1' });
  });

  it('obeys affinity to a node by name, tolerations and anti-affinity', () => {
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['controlpl1'] }];
    const required = { nodeSelectorTerms: [{ matchFields }] };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    const tolerations = [{ operator: 'Exists' }];
    expect(decide(pod('p', { affinity, tolerations }), cluster(THREE))).toEqual({
      do: 'bind',
      node: 'controlpl1',
    });
    expect(decide(pod('p', { affinity }), cluster(THREE)).do).toBe('wait');

    const labelSelector = { matchLabels: { app: 'dns' } };
    const term = { labelSelector, topologyKey: 'kubernetes.io/hostname' };
    const alone = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const first = pod('one', { affinity: alone, nodeName: 'worker1' }, { app: 'dns' });
    const second = pod('two', { affinity: alone }, { app: 'dns' });
    expect(decide(second, cluster(THREE, [first]))).toEqual({ do: 'bind', node: 'worker2' });
  });
});

describe('volumes', () => {
  const withClaim = pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
  const claim: PersistentVolumeClaim = {
    metadata: { name: 'data', namespace: 'a' },
    spec: { storageClassName: 's' },
  };
  const storageClass: StorageClass = {
    metadata: { name: 's' },
    provisioner: 'x',
    volumeBindingMode: 'WaitForFirstConsumer',
  };

  it('a claim that waits for its consumer gets a node first', () => {
    expect(decide(withClaim, cluster(THREE, [], { claim, storageClass }))).toEqual({
      do: 'selectNode',
      node: 'worker1',
      claims: [claim],
    });
  });

  it('a claim whose volume is being bound is waited for without a word', () => {
    const annotations = { 'volume.kubernetes.io/selected-node': 'worker1' };
    const binding = {
      ...claim,
      metadata: { ...claim.metadata, annotations },
      spec: { ...claim.spec, volumeName: 'pv' },
      status: { phase: 'Pending' },
    };
    expect(decide(withClaim, cluster(THREE, [], { claim: binding, storageClass }))).toEqual({
      do: 'awaitVolumes',
    });
    const lost = { ...binding, status: { phase: 'Lost' } };
    expect(decide(withClaim, cluster(THREE, [], { claim: lost, storageClass })).do).toBe('wait');
  });

  it('a bound claim binds the pod to its node; a missing or unbound one keeps it waiting', () => {
    const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['worker2'] }];
    const volume: PersistentVolume = {
      metadata: { name: 'pv' },
      spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } },
    };
    const bound = { ...claim, spec: { ...claim.spec, volumeName: 'pv' }, status: { phase: 'Bound' } };
    expect(decide(withClaim, cluster(THREE, [], { claim: bound, volume }))).toEqual({
      do: 'bind',
      node: 'worker2',
    });
    expect(decide(withClaim, cluster(THREE))).toMatchObject({
      message: expect.stringContaining('persistentvolumeclaim "data" not found'),
    });
    expect(decide(withClaim, cluster(THREE, [], { claim }))).toMatchObject({
      message: expect.stringContaining('pod has unbound immediate PersistentVolumeClaims'),
    });
  });
});
