import { isNamespaceTerminating, keyOf, PODS, REPLICA_SETS } from '../../../api/client/index.ts';
import type { Pod, ReplicaSet } from '../../../api/objects/index.ts';
import { controllerOf, controllerReference } from '../../../api/owners.ts';
import { availableAfter, isPodActive } from '../../../api/pods.ts';
import { selects } from '../../../api/selectors.ts';
import { claim } from '../claim.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { controllerKey, ownership } from '../indexes.ts';
import { PodControl, podFromTemplate, slowStart } from '../pod-control.ts';
import { podsToDelete } from './ranking.ts';
import { replicaSetStatus, sameReplicaSetStatus } from './status.ts';

/** Most pods created or deleted in one go, as the real controller's BurstReplicas. */
const BURST = 500;

/** Keeps as many pods as a ReplicaSet wants. pkg/controller/replicaset. */
export function replicaSetController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const replicaSets = informers.of<ReplicaSet>(REPLICA_SETS);
  const pods = informers.of<Pod>(PODS);
  const podsBy = ownership(pods);
  const siblings = ownership(replicaSets);
  const control = new PodControl(client, context.recorder('replicaset-controller'));
  const queue = new ControllerQueue('replicaset', context, sync);

  replicaSets.on({
    add: (replicaSet) => queue.add(keyOf(replicaSet)),
    update: (replicaSet) => queue.add(keyOf(replicaSet)),
    delete: (replicaSet) => queue.add(keyOf(replicaSet)),
  });
  pods.on({
    add: podChanged,
    delete: podChanged,
    update(pod, old) {
      podChanged(pod);
      const before = controllerKey(old, 'ReplicaSet');
      if (before && before !== controllerKey(pod, 'ReplicaSet')) queue.add(before);
    },
  });

  function podChanged(pod: Pod): void {
    const key = controllerKey(pod, 'ReplicaSet');
    if (key) queue.add(key);
    if (controllerOf(pod)) return;
    // An orphan: whoever selects it may want to adopt it.
    for (const replicaSet of replicaSets.list(pod.metadata.namespace)) {
      if (selects(replicaSet.spec.selector, pod.metadata.labels)) queue.add(keyOf(replicaSet));
    }
  }

  async function sync(key: string): Promise<void> {
    const replicaSet = replicaSets.getByKey(key);
    if (!replicaSet) return;
    const active = (await claimPods(replicaSet)).filter(isPodActive);
    let failure: Error | undefined;
    if (!replicaSet.metadata.deletionTimestamp) {
      failure = await manage(replicaSet, active).then(
        () => undefined,
        (error: Error) => error,
      );
    }
    const now = clock.now();
    const status = replicaSetStatus(replicaSet, active, failure, now);
    if (!sameReplicaSetStatus(replicaSet.status, status)) {
      await client.updateStatus<ReplicaSet>(REPLICA_SETS, { ...replicaSet, status });
    }
    const { minReadySeconds = 0 } = replicaSet.spec;
    const waits = active
      .map((pod) => availableAfter(pod, minReadySeconds, now))
      .filter((ms) => ms !== undefined);
    if (waits.length > 0) queue.addAfter(key, Math.min(...waits) + 1);
    if (failure) throw failure;
  }

  function claimPods(replicaSet: ReplicaSet): Promise<Pod[]> {
    const { selector } = replicaSet.spec;
    return claim({
      client,
      ref: PODS,
      owner: replicaSet,
      ownerRef: REPLICA_SETS,
      selector,
      candidates: podsBy.candidates(replicaSet),
      adoptable: isPodActive,
    });
  }

  async function manage(replicaSet: ReplicaSet, active: readonly Pod[]): Promise<void> {
    const missing = (replicaSet.spec.replicas ?? 1) - active.length;
    if (missing > 0) {
      const reference = controllerReference(replicaSet, 'ReplicaSet', 'apps/v1');
      const pod = podFromTemplate(replicaSet, reference, replicaSet.spec.template);
      try {
        await slowStart(Math.min(missing, BURST), () => control.create(replicaSet, pod));
      } catch (error) {
        if (!isNamespaceTerminating(error)) throw error;
      }
    } else if (missing < 0) {
      const victims = podsToDelete(active, related(replicaSet), Math.min(-missing, BURST), clock.now());
      await Promise.all(victims.map((pod) => control.delete(replicaSet, pod)));
    }
  }

  function related(replicaSet: ReplicaSet): Pod[] {
    const owner = controllerOf(replicaSet);
    const all = owner ? siblings.ownedBy(owner.uid) : [replicaSet];
    return all.flatMap(({ metadata }) => podsBy.ownedBy(metadata.uid));
  }

  return queueController('replicaset', queue);
}
