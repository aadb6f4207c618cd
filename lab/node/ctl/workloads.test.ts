import { describe, expect, it } from 'vitest';
import { MANIFEST_ANNOTATION } from '../../api/manifest.ts';
import type { DaemonSet, Deployment, Node, Pod } from '../../api/objects/index.ts';
import { parseNode, parseWorkload, pendingNode, pendingWorkload } from './workloads.ts';

const metadata = (name: string, generation = 1) => ({
  namespace: 'kube-system',
  name,
  generation,
  annotations: { [MANIFEST_ANNOTATION]: 'abc' },
});
const daemonSet = (status: DaemonSet['status'], generation = 1) =>
  ({ metadata: metadata('kube-proxy', generation), spec: {}, status }) as unknown as DaemonSet;
const deployment = (status: Deployment['status']) =>
  ({ metadata: metadata('coredns'), spec: { replicas: 2 }, status }) as unknown as Deployment;

describe('a workload that `up` waits for', () => {
  const proxy = parseWorkload('DaemonSet/kube-system/kube-proxy@abc*3');
  const dns = parseWorkload('Deployment/kube-system/coredns@abc*2');

  it('is named by kind, namespace, name, manifest and number of pods', () => {
    expect(proxy).toEqual({
      kind: 'DaemonSet',
      namespace: 'kube-system',
      name: 'kube-proxy',
      manifest: 'abc',
      pods: 3,
    });
    expect(() => parseWorkload('kube-proxy')).toThrow('is not KIND/NAMESPACE/NAME@MANIFEST*PODS');
    expect(() => parseWorkload('Job/a/b@c*1')).toThrow();
  });

  it('has to be there, and of this manifest', () => {
    expect(pendingWorkload(dns, undefined)).toBe('Deployment kube-system/coredns has not been applied yet');
    expect(pendingWorkload({ ...dns, manifest: 'def' }, deployment({}))).toContain('an earlier manifest');
  });

  it('a DaemonSet waits for nodes that have not registered yet', () => {
    const counts = {
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      numberReady: 2,
      updatedNumberScheduled: 2,
    };
    expect(pendingWorkload(proxy, daemonSet(counts))).toBe(
      'DaemonSet kube-system/kube-proxy has 2 of 3 pods ready',
    );
    const all = {
      observedGeneration: 1,
      desiredNumberScheduled: 3,
      numberReady: 3,
      updatedNumberScheduled: 3,
    };
    expect(pendingWorkload(proxy, daemonSet(all))).toBeUndefined();
    expect(pendingWorkload(proxy, daemonSet(all, 2))).toContain('has not been seen by its controller');
    expect(pendingWorkload(proxy, daemonSet({ ...all, updatedNumberScheduled: 1 }))).toContain('1 of 3');
  });

  it('a Deployment is ready with all of its new pods, a Pod when it is Ready or done', () => {
    expect(pendingWorkload(dns, deployment({ observedGeneration: 1, readyReplicas: 1 }))).toContain('0 of 2');
    expect(
      pendingWorkload(dns, deployment({ observedGeneration: 1, readyReplicas: 2, updatedReplicas: 2 })),
    ).toBeUndefined();
    const pod = (status: Pod['status']) => ({ metadata: metadata('a'), spec: {}, status }) as unknown as Pod;
    const wanted = parseWorkload('Pod/kube-system/a@abc*1');
    expect(pendingWorkload(wanted, pod({ phase: 'Running' }))).toContain('is Running');
    expect(pendingWorkload(wanted, pod({ phase: 'Succeeded' }))).toBeUndefined();
    const conditions = [{ type: 'Ready', status: 'True' as const }];
    expect(pendingWorkload(wanted, pod({ phase: 'Running', conditions }))).toBeUndefined();
  });
});

describe('pendingNode', () => {
  const node = (conditions: { type: string; status: string; message?: string }[]) =>
    ({ metadata: { name: 'w' }, status: { conditions } }) as unknown as Node;
  const ready = { type: 'Ready', status: 'True' };

  it('a node is up when the kubelet and calico-node say so', () => {
    expect(pendingNode('w', node([ready, { type: 'NetworkUnavailable', status: 'False' }]))).toBeUndefined();
  });

  it('what is missing is said in the order in which it comes', () => {
    expect(pendingNode('w', undefined)).toBe('node w has not registered yet');
    expect(pendingNode('w', node([]))).toBe('node w is not ready: no status yet');
    const notReady = { type: 'Ready', status: 'False', message: 'cni plugin not initialized' };
    expect(pendingNode('w', node([notReady]))).toBe('node w is not ready: cni plugin not initialized');
    expect(pendingNode('w', node([ready]))).toBe('calico-node of w has not said that it is up');
    expect(pendingNode('w', node([ready, { type: 'NetworkUnavailable', status: 'True' }]))).toBe(
      'calico-node of w has not said that it is up',
    );
  });

  it('is asked for by kind and name', () => {
    expect(parseNode('Node/w.example')).toBe('w.example');
    expect(parseNode('Pod/default/a@0*1')).toBeUndefined();
  });
});
