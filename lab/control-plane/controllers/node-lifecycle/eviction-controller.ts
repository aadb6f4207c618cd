import { isNotFound, keyOf, NODES, PODS, timestamp } from '../../../api/client/index.ts';
import type { Node, Pod } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { podsByNode } from '../indexes.ts';
import { evictionTime } from './eviction.ts';
import { withCondition } from './health.ts';

/** Pods of a node that no longer exists are deleted after this, as the real pod garbage collector's quarantine. */
const NODE_GONE_MS = 40_000;

const MIRROR = 'kubernetes.io/config.mirror';

/** Deletes pods that do not tolerate their node's NoExecute taints, and those whose node has gone. pkg/controller/tainteviction, podgc. */
export function taintEvictionController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const nodes = informers.of<Node>(NODES);
  const pods = informers.of<Pod>(PODS);
  const podsOn = podsByNode(pods);
  const events = context.recorder('taint-eviction-controller');
  const queue = new ControllerQueue('taint-eviction', context, sync);

  const all = (node: Node) => {
    for (const pod of podsOn(node.metadata.name ?? '')) queue.add(keyOf(pod));
  };
  const gone = (node: Node) => {
    for (const pod of podsOn(node.metadata.name ?? '')) queue.addAfter(keyOf(pod), NODE_GONE_MS);
  };
  nodes.on({
    add: all,
    delete: gone,
    update(node, old) {
      if (JSON.stringify(node.spec.taints) !== JSON.stringify(old.spec.taints)) all(node);
    },
  });
  pods.on({
    add: assigned,
    update(pod, old) {
      if (pod.spec.nodeName !== old.spec.nodeName) assigned(pod);
    },
  });

  function assigned(pod: Pod): void {
    if (!pod.spec.nodeName) return;
    if (nodes.get(pod.spec.nodeName)) queue.add(keyOf(pod));
    else queue.addAfter(keyOf(pod), NODE_GONE_MS);
  }

  async function sync(key: string): Promise<void> {
    const pod = pods.getByKey(key);
    if (!pod?.spec.nodeName) return;
    const node = nodes.get(pod.spec.nodeName);
    if (!node) return removeFromMissingNode(pod);
    // A mirror of a static pod: deleting it would stop nothing.
    if (pod.metadata.deletionTimestamp || pod.metadata.annotations?.[MIRROR]) return;
    const now = clock.now();
    const due = evictionTime(pod, node.spec.taints ?? [], now);
    if (due === undefined) return;
    if (due > now) queue.addAfter(key, due - now);
    else await evict(pod);
  }

  async function evict(pod: Pod): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
    await disrupt(pod, 'DeletionByTaintManager', 'Taint manager: deleting due to NoExecute taint');
    await tolerant(() => client.delete(PODS, name, namespace, { uid }));
  }

  async function removeFromMissingNode(pod: Pod): Promise<void> {
    const { name = '', namespace, uid } = pod.metadata;
    await disrupt(pod, 'DeletionByPodGC', 'PodGC: node no longer exists');
    await tolerant(() => client.delete(PODS, name, namespace, { uid, gracePeriodSeconds: 0 }));
  }

  async function disrupt(pod: Pod, reason: string, message: string): Promise<void> {
    const lastTransitionTime = timestamp(clock.now());
    const target = { type: 'DisruptionTarget', status: 'True', lastTransitionTime, reason, message };
    const conditions = withCondition(pod.status?.conditions, target);
    await tolerant(() => client.updateStatus<Pod>(PODS, { ...pod, status: { ...pod.status, conditions } }));
  }

  return queueController('taint-eviction', queue);
}

/** A pod that has gone by itself needs nothing more. */
async function tolerant(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
