import { ApiError, isNotFound, keyOf, LEASES, NODES, PODS } from '../../../api/client/index.ts';
import { findCondition } from '../../../api/conditions.ts';
import type { Lease, Node, Pod } from '../../../api/objects/index.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { podsByNode } from '../indexes.ts';
import { notReadyConditions, unknownConditions } from './health.ts';
import { sameTaints, wantedTaints } from './taints.ts';

const LEASE_NAMESPACE = 'kube-node-lease';

/**
 * Watches over the nodes' heartbeats (lease and status): a node that is silent for the grace period becomes Unknown; taints follow
 * the conditions; pods of a node that is not ready are marked not ready, so that no service sends to them.
 * pkg/controller/nodelifecycle.
 *
 * @param gracePeriodMs as --node-monitor-grace-period
 */
export function nodeLifecycleController(context: ControllerContext, gracePeriodMs: number): Controller {
  const { client, clock, informers, log } = context;
  const nodes = informers.of<Node>(NODES);
  const leases = informers.of<Lease>(LEASES);
  const podsOn = podsByNode(informers.of<Pod>(PODS));
  const events = context.recorder('node-controller');
  /** When each node was last heard of, by this program's own clock: nodes' clocks may be off. */
  const heard = new Map<string, { at: number; heartbeat: string }>();
  const queue = new ControllerQueue('nodelifecycle', context, sync);

  nodes.on({
    add(node) {
      const name = node.metadata.name ?? '';
      events.event(
        node,
        'Normal',
        'RegisteredNode',
        `Node ${name} event: Registered Node ${name} in Controller`,
      );
      hear(name, statusHeartbeat(node));
      queue.add(name);
    },
    update(node, old) {
      const name = node.metadata.name ?? '';
      if (statusHeartbeat(node) !== statusHeartbeat(old)) hear(name, statusHeartbeat(node));
      queue.add(name);
      if (isReady(node) !== isReady(old)) for (const other of nodes.list()) queue.add(keyOf(other));
    },
    delete(node) {
      const name = node.metadata.name ?? '';
      heard.delete(name);
      events.event(
        node,
        'Normal',
        'RemovingNode',
        `Node ${name} event: Removing Node ${name} from Controller`,
      );
    },
  });
  leases.on({ add: leaseRenewed, update: leaseRenewed });

  function leaseRenewed({ metadata, spec }: Lease): void {
    if (metadata.namespace !== LEASE_NAMESPACE) return;
    const name = metadata.name ?? '';
    if (spec?.renewTime && heard.get(name)?.heartbeat !== spec.renewTime) hear(name, spec.renewTime);
  }

  function hear(name: string, heartbeat: string): void {
    heard.set(name, { at: clock.now(), heartbeat });
    queue.addAfter(name, gracePeriodMs);
  }

  async function sync(name: string): Promise<void> {
    let node = nodes.get(name);
    if (!node) return;
    const wasReady = isReady(node);
    const silentFor = clock.now() - (heard.get(name)?.at ?? clock.now());
    if (silentFor < gracePeriodMs) {
      queue.addAfter(name, gracePeriodMs - silentFor);
    } else if (hasUnknownLeft(node) && !(await renewedMeanwhile(name))) {
      node = await markUnknown(node);
    }
    await updateTaints(node);
    if (isReady(node)) return;
    if (wasReady || podsOn(name).some(isReady)) await podsNotReady(node, wasReady);
  }

  const hasUnknownLeft = ({ status }: Node) =>
    findCondition(status?.conditions, 'Ready')?.status !== 'Unknown';

  /** The watch may be behind after a pause of the API server: the server itself is asked before a node is given up. */
  async function renewedMeanwhile(name: string): Promise<boolean> {
    try {
      const lease = await client.get<Lease>(LEASES, name, LEASE_NAMESPACE);
      const before = heard.get(name)?.at;
      leaseRenewed(lease);
      return heard.get(name)?.at !== before;
    } catch (error) {
      if (isNotFound(error)) return false;
      // Without an API server no node can renew its lease: that is not the nodes' fault, their time begins anew.
      if (!(error instanceof ApiError)) for (const entry of heard.values()) entry.at = clock.now();
      throw error;
    }
  }

  async function markUnknown(node: Node): Promise<Node> {
    log.info('Node has been silent for the grace period', { node: node.metadata.name });
    const conditions = unknownConditions(node, clock.now());
    return client.updateStatus<Node>(NODES, { ...node, status: { ...node.status, conditions } });
  }

  /**
   * Where no node is ready it is not the nodes that have failed, but the network or this machine, and there is nowhere to
   * move pods to: they stay. The real controller's full disruption (handleDisruption).
   */
  const isDisrupted = () => nodes.list().every((node) => !isReady(node));

  async function updateTaints(node: Node): Promise<void> {
    const taints = wantedTaints(node, clock.now(), isReady(node) || !isDisrupted());
    if (sameTaints(taints, node.spec.taints ?? [])) return;
    const { name = '', resourceVersion } = node.metadata;
    const patch = { metadata: { resourceVersion }, spec: { taints: taints.length > 0 ? taints : null } };
    await client.patch<Node>(NODES, name, undefined, patch);
  }

  async function podsNotReady(node: Node, changed: boolean): Promise<void> {
    const name = node.metadata.name ?? '';
    if (changed) events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
    await Promise.all(
      podsOn(name).map(async (pod) => {
        const conditions = notReadyConditions(pod, clock.now());
        if (!conditions) return;
        events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
        await client.updateStatus<Pod>(PODS, { ...pod, status: { ...pod.status, conditions } });
      }),
    );
  }

  return queueController('nodelifecycle', queue);
}

const isReady = ({ status }: Node | Pod): boolean =>
  findCondition(status?.conditions, 'Ready')?.status === 'True';

/** The kubelet writes a new heartbeat time with each status, also when nothing has changed. */
function statusHeartbeat({ status }: Node): string {
  return findCondition(status?.conditions, 'Ready')?.lastHeartbeatTime ?? '';
}
