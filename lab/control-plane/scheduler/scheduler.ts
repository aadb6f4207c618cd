import {
  type ApiClient,
  type Clock,
  type EventRecorder,
  type InformerFactory,
  isConflict,
  isNotFound,
  keyOf,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  SERVICES,
  STORAGE_CLASSES,
  timestamp,
  WorkQueue,
} from '../../api/client/index.ts';
import { findCondition, withoutCondition } from '../../api/conditions.ts';
import type { Log } from '../../api/klog.ts';
import type {
  Binding,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
  StorageClass,
} from '../../api/objects/index.ts';
import { isPodTerminal } from '../../api/pods.ts';
import type { ClusterState } from './cluster.ts';
import { decide, SELECTED_NODE } from './decide.ts';

const SCHEDULER_NAME = 'default-scheduler';
/** Bindings on their way at once; decisions themselves are made one after the other. */
const CONCURRENCY = 16;

export interface SchedulerContext {
  readonly client: ApiClient;
  readonly informers: InformerFactory;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Scheduler {
  start(): void;
  stop(): Promise<void>;
  idle(): Promise<void>;
}

/** Assigns pods to nodes, and looks again at those that found none whenever something changes. */
export function scheduler({ client, informers, events, clock, log }: SchedulerContext): Scheduler {
  const pods = informers.of<Pod>(PODS);
  const nodes = informers.of<Node>(NODES);
  const services = informers.of<Service>(SERVICES);
  const claims = informers.of<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.of<PersistentVolume>(PERSISTENT_VOLUMES);
  const classes = informers.of<StorageClass>(STORAGE_CLASSES);
  /** Pods bound a moment ago, until the informer shows it: they take up room already. */
  const assumed = new Map<string, Pod>();
  const unscheduled = new Set<string>();
  let started = false;
  const queue = new WorkQueue(schedule, {
    concurrency: CONCURRENCY,
    clock,
    onError: (key, error) => {
      if (!isConflict(error)) log.error('Scheduling failed', { pod: key, err: error });
    },
  });

  pods.addIndex('node', (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []));
  pods.on({
    add: podChanged,
    update(pod, old) {
      podChanged(pod);
      // Room becomes free when a pod ends, and labels decide about affinity.
      if (isPodTerminal(pod) && !isPodTerminal(old)) retryAll();
    },
    delete(pod) {
      assumed.delete(pod.metadata.uid ?? '');
      unscheduled.delete(keyOf(pod));
      if (pod.spec.nodeName) retryAll();
    },
  });
  nodes.on({
    add: retryAll,
    delete: retryAll,
    update(node, old) {
      if (placement(node) !== placement(old)) retryAll();
    },
  });
  claims.on({ add: retryAll, update: retryAll });
  volumes.on({ add: retryAll, update: retryAll });
  classes.on({ add: retryAll });

  function podChanged(pod: Pod): void {
    const key = keyOf(pod);
    if (pod.spec.nodeName) {
      assumed.delete(pod.metadata.uid ?? '');
      unscheduled.delete(key);
    } else if (isOurs(pod) && !unscheduled.has(key)) {
      unscheduled.add(key);
      if (started) queue.add(key);
    }
  }

  function retryAll(): void {
    if (started) for (const key of unscheduled) queue.add(key);
  }

  async function schedule(key: string): Promise<void> {
    const pod = pods.getByKey(key);
    if (!pod || pod.spec.nodeName || !isOurs(pod) || assumed.has(pod.metadata.uid ?? '')) return;
    // No await between the decision and taking it into account: the next decision must see it.
    const decision = decide(pod, clusterState());
    if (decision.do === 'bind') return bind(pod, decision.node);
    if (decision.do === 'wait') return fail(pod, decision.message);
    if (decision.do === 'awaitVolumes') return;
    for (const claim of decision.claims) await selectNode(claim, decision.node);
  }

  function clusterState(): ClusterState {
    const byNode = new Map<string, Pod[]>();
    for (const pod of assumed.values()) {
      const name = pod.spec.nodeName ?? '';
      byNode.set(name, [...(byNode.get(name) ?? []), pod]);
    }
    return {
      nodes: nodes.list().map((node) => {
        const name = node.metadata.name ?? '';
        const present = pods.byIndex('node', name).filter((pod) => !isPodTerminal(pod));
        return { node, pods: [...present, ...(byNode.get(name) ?? [])] };
      }),
      services: services.list(),
      claim: (namespace, name) => claims.get(name, namespace),
      volume: (name) => volumes.get(name),
      storageClass: (name) => classes.get(name),
    };
  }

  async function bind(pod: Pod, node: string): Promise<void> {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    assumed.set(uid, { ...pod, spec: { ...pod.spec, nodeName: node } });
    try {
      await client.create<Binding>(
        PODS,
        {
          apiVersion: 'v1',
          kind: 'Binding',
          metadata: { name, namespace, uid },
          target: { apiVersion: 'v1', kind: 'Node', name: node },
        },
        { subresource: 'binding' },
      );
    } catch (error) {
      assumed.delete(uid);
      if (isNotFound(error)) return;
      throw error;
    }
    events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`);
  }

  async function fail(pod: Pod, message: string): Promise<void> {
    const current = findCondition(pod.status?.conditions, 'PodScheduled');
    if (current?.status === 'False' && current.message === message) return;
    events.event(pod, 'Warning', 'FailedScheduling', message);
    const now = timestamp(clock.now());
    const lastTransitionTime = current?.status === 'False' ? (current.lastTransitionTime ?? now) : now;
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      lastProbeTime: null,
      lastTransitionTime,
      reason: 'Unschedulable',
      message,
    };
    const conditions = [...withoutCondition(pod.status?.conditions, 'PodScheduled'), condition];
    try {
      await client.updateStatus<Pod>(PODS, { ...pod, status: { ...pod.status, conditions } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Tells the volume controller where the claim's volume has to be; its binding brings the pod back here. */
  async function selectNode({ metadata }: PersistentVolumeClaim, node: string): Promise<void> {
    if (metadata.annotations?.[SELECTED_NODE] === node) return;
    const patch = { metadata: { uid: metadata.uid, annotations: { [SELECTED_NODE]: node } } };
    await client.patch(PERSISTENT_VOLUME_CLAIMS, metadata.name ?? '', metadata.namespace, patch);
  }

  return {
    start() {
      started = true;
      retryAll();
    },
    stop: () => queue.stop(),
    idle: () => queue.idle(),
  };
}

function isOurs({ spec, metadata, status }: Pod): boolean {
  const gated = (spec.schedulingGates ?? []).length > 0;
  const isAlive = !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
  return (spec.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME && isAlive && !gated;
}

/** All of a node that decides whether pods go there; heartbeats do not. */
function placement({ metadata, spec, status }: Node): string {
  return JSON.stringify([metadata.labels, spec.taints, spec.unschedulable, status?.allocatable]);
}
