import {
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  isAlreadyExists,
  isNotFound,
  keyOf,
  NODES,
  PODS,
} from '../../../api/client/index.ts';
import { canonicalJson } from '../../../api/hash.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../../api/objects/index.ts';
import { controllerOf, controllerReference, isControlledBy } from '../../../api/owners.ts';
import { availableAfter } from '../../../api/pods.ts';
import { selects } from '../../../api/selectors.ts';
import { claim } from '../claim.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { controllerKey, ownership } from '../indexes.ts';
import { PodControl, podFromTemplate, slowStart } from '../pod-control.ts';
import { daemonTolerations, pinnedTo } from './eligibility.ts';
import { currentHash, planHistory } from './history.ts';
import { planDaemonSet, REVISION_HASH } from './plan.ts';

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** One pod on every node that a DaemonSet wants. pkg/controller/daemon. */
export function daemonSetController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const daemonSets = informers.of<DaemonSet>(DAEMON_SETS);
  const nodes = informers.of<Node>(NODES);
  const pods = informers.of<Pod>(PODS);
  const podsBy = ownership(pods);
  const events = context.recorder('daemonset-controller');
  const control = new PodControl(client, events);
  /** Hash of the template for which the history was last brought up to date, by uid. */
  const recorded = new Map<string, string>();
  const queue = new ControllerQueue('daemonset', context, sync);
  const all = () => {
    for (const daemonSet of daemonSets.list()) queue.add(keyOf(daemonSet));
  };

  daemonSets.on({
    add: (daemonSet) => queue.add(keyOf(daemonSet)),
    update: (daemonSet) => queue.add(keyOf(daemonSet)),
    delete: (daemonSet) => recorded.delete(daemonSet.metadata.uid ?? ''),
  });
  nodes.on({
    add: all,
    delete: all,
    update(node, old) {
      // Heartbeats change only the status, which has no say in where daemons run.
      const relevant = ({ spec, metadata }: Node) => canonicalJson([spec, metadata.labels]);
      if (relevant(node) !== relevant(old)) all();
    },
  });
  pods.on({ add: podChanged, delete: podChanged, update: podChanged });

  function podChanged(pod: Pod): void {
    const key = controllerKey(pod, 'DaemonSet');
    if (key) queue.add(key);
    if (controllerOf(pod)) return;
    for (const daemonSet of daemonSets.list(pod.metadata.namespace)) {
      if (selects(daemonSet.spec.selector, pod.metadata.labels)) queue.add(keyOf(daemonSet));
    }
  }

  function claimPods(daemonSet: DaemonSet): Promise<Pod[]> {
    const { selector } = daemonSet.spec;
    const candidates = podsBy.candidates(daemonSet);
    return claim({ client, ref: PODS, owner: daemonSet, ownerRef: DAEMON_SETS, selector, candidates });
  }

  async function sync(key: string): Promise<void> {
    const daemonSet = daemonSets.getByKey(key);
    if (!daemonSet || daemonSet.metadata.deletionTimestamp) return;
    const owned = await claimPods(daemonSet);
    const hash = currentHash(daemonSet);
    await recordHistory(daemonSet, hash, owned);
    const state = { daemonSet, nodes: nodes.list(), hash, now: clock.now() };
    const plan = planDaemonSet({ ...state, pods: owned });
    const failure = await slowStart(plan.create.length, (index) =>
      control.create(daemonSet, daemonPod(daemonSet, plan.create[index] ?? '', hash)),
    ).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    for (const pod of plan.ended) reportEnded(daemonSet, pod);
    await Promise.all([...plan.ended, ...plan.delete].map((pod) => control.delete(daemonSet, pod)));

    // What was just created and deleted is in the informer already.
    const now = clock.now();
    const { status } = planDaemonSet({ ...state, now, pods: await claimPods(daemonSet) });
    if (canonicalJson(status) !== canonicalJson(daemonSet.status)) {
      await client.updateStatus<DaemonSet>(DAEMON_SETS, { ...daemonSet, status });
    }
    const { minReadySeconds = 0 } = daemonSet.spec;
    const waits = owned
      .map((pod) => availableAfter(pod, minReadySeconds, now))
      .filter((ms) => ms !== undefined);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits) + 1);
    if (failure) throw failure.error;
  }

  function reportEnded(daemonSet: DaemonSet, pod: Pod): void {
    const failed = pod.status?.phase === 'Failed';
    const what = `Found ${failed ? 'failed' : 'succeeded'} daemon pod`;
    const message = `${what} ${keyOf(pod)} on node ${pod.spec.nodeName}, will try to ${failed ? 'kill' : 'delete'} it`;
    events.event(
      daemonSet,
      failed ? 'Warning' : 'Normal',
      failed ? 'FailedDaemonPod' : 'SucceededDaemonPod',
      message,
    );
  }

  async function recordHistory(daemonSet: DaemonSet, hash: string, owned: readonly Pod[]): Promise<void> {
    const { uid = '', namespace } = daemonSet.metadata;
    if (recorded.get(uid) === hash) return;
    try {
      const { items } = await client.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace });
      const own = items.filter((revision) => isControlledBy(revision, daemonSet));
      const plan = planHistory(daemonSet, own, owned);
      if (plan.create) await client.create<ControllerRevision>(CONTROLLER_REVISIONS, plan.create);
      if (plan.update) await client.update<ControllerRevision>(CONTROLLER_REVISIONS, plan.update);
      for (const { metadata } of plan.delete) {
        await client.delete(CONTROLLER_REVISIONS, metadata.name ?? '', namespace);
      }
    } catch (error) {
      // 404: a server without ControllerRevisions; then there is no history, and all else works.
      if (!isNotFound(error) && !isAlreadyExists(error)) throw error;
    }
    recorded.set(uid, hash);
  }

  return queueController('daemonset', queue);
}

/** The pod for a node. It is bound by the scheduler, which the affinity leaves no choice. CreatePodTemplate. */
function daemonPod(daemonSet: DaemonSet, node: string, hash: string): Pod {
  const { template } = daemonSet.spec;
  const generation = daemonSet.metadata.annotations?.[TEMPLATE_GENERATION];
  const labels = {
    ...template.metadata?.labels,
    [REVISION_HASH]: hash,
    ...(generation ? { 'pod-template-generation': generation } : {}),
  };
  const pinned = {
    ...template,
    metadata: { ...template.metadata, labels },
    spec: {
      ...template.spec,
      affinity: pinnedTo(template.spec.affinity, node),
      tolerations: daemonTolerations(template.spec),
    },
  };
  return podFromTemplate(daemonSet, controllerReference(daemonSet, 'DaemonSet', 'apps/v1'), pinned);
}
