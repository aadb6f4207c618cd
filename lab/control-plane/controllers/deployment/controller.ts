import { DEPLOYMENTS, isAlreadyExists, keyOf, PODS, REPLICA_SETS } from '../../../api/client/index.ts';
import { setCondition } from '../../../api/conditions.ts';
import type { Deployment, Pod, ReplicaSet } from '../../../api/objects/index.ts';
import { controllerOf, isControlledBy } from '../../../api/owners.ts';
import { selects } from '../../../api/selectors.ts';
import { claim } from '../claim.ts';
import { type Controller, type ControllerContext, ControllerQueue, queueController } from '../context.ts';
import { controllerKey, ownership } from '../indexes.ts';
import { REVISION } from './annotations.ts';
import { sameTemplate } from './newest.ts';
import { planDeployment } from './plan.ts';
import { condition, recheckAfter } from './status.ts';
import type { Step } from './steps.ts';

/** Rolls Deployments out through their ReplicaSets. pkg/controller/deployment. */
export function deploymentController(context: ControllerContext): Controller {
  const { client, clock, informers } = context;
  const deployments = informers.of<Deployment>(DEPLOYMENTS);
  const replicaSets = informers.of<ReplicaSet>(REPLICA_SETS);
  const pods = informers.of<Pod>(PODS);
  const setsBy = ownership(replicaSets);
  const podsBy = ownership(pods);
  const events = context.recorder('deployment-controller');
  const queue = new ControllerQueue('deployment', context, sync);

  deployments.on({
    add: (deployment) => queue.add(keyOf(deployment)),
    update: (deployment) => queue.add(keyOf(deployment)),
  });
  replicaSets.on({
    add: replicaSetChanged,
    delete: replicaSetChanged,
    update(replicaSet, old) {
      replicaSetChanged(replicaSet);
      const before = controllerKey(old, 'Deployment');
      if (before && before !== controllerKey(replicaSet, 'Deployment')) queue.add(before);
    },
  });
  // Recreate waits for the last old pod, which no ReplicaSet counts any more while it terminates.
  pods.on({
    delete(pod) {
      const setKey = controllerKey(pod, 'ReplicaSet');
      const set = setKey === undefined ? undefined : replicaSets.getByKey(setKey);
      if (set) replicaSetChanged(set);
    },
  });

  function replicaSetChanged(replicaSet: ReplicaSet): void {
    const key = controllerKey(replicaSet, 'Deployment');
    if (key) queue.add(key);
    if (controllerOf(replicaSet)) return;
    for (const deployment of deployments.list(replicaSet.metadata.namespace)) {
      if (selects(deployment.spec.selector, replicaSet.metadata.labels)) queue.add(keyOf(deployment));
    }
  }

  async function sync(key: string): Promise<void> {
    const deployment = deployments.getByKey(key);
    if (!deployment) return;
    if (selectsEverything(deployment)) return refuse(deployment);
    const sets = await claim<ReplicaSet>({
      client,
      ref: REPLICA_SETS,
      owner: deployment,
      ownerRef: DEPLOYMENTS,
      selector: deployment.spec.selector,
      candidates: setsBy.candidates(deployment),
    });
    const owned = sets.flatMap(({ metadata }) => podsBy.ownedBy(metadata.uid));
    const now = clock.now();
    let current = deployment;
    const written = new Map<string, ReplicaSet>();
    for (const step of planDeployment({ deployment, replicaSets: sets, pods: owned, now })) {
      current = await apply(step, current, written);
    }
    if (current.spec.paused) return;
    const wait = recheckAfter(current, current.status ?? {}, now);
    if (wait !== undefined) queue.addAfter(key, wait);
  }

  /** @param written ReplicaSets that this sync has updated: a second update has to name the version of the first */
  async function apply(
    step: Step,
    deployment: Deployment,
    written: Map<string, ReplicaSet>,
  ): Promise<Deployment> {
    switch (step.do) {
      case 'updateStatus': {
        const { status, annotations = deployment.metadata.annotations } = step;
        const metadata = { ...deployment.metadata, ...(annotations ? { annotations } : {}) };
        return writeStatus({ ...deployment, metadata, status });
      }
      case 'createReplicaSet':
        await createReplicaSet(step.replicaSet, deployment);
        break;
      case 'updateReplicaSet': {
        const { uid = '', resourceVersion: planned } = step.replicaSet.metadata;
        const resourceVersion = written.get(uid)?.metadata.resourceVersion ?? planned;
        const metadata = { ...step.replicaSet.metadata, ...(resourceVersion ? { resourceVersion } : {}) };
        written.set(uid, await client.update<ReplicaSet>(REPLICA_SETS, { ...step.replicaSet, metadata }));
        break;
      }
      case 'deleteReplicaSet': {
        const { name = '', namespace, uid } = step.replicaSet.metadata;
        await client.delete(REPLICA_SETS, name, namespace, { uid });
        return deployment;
      }
    }
    if (step.event) events.event(deployment, step.event.type, step.event.reason, step.event.message);
    return deployment;
  }

  /** The revision is an annotation that the real server takes over with the status. */
  async function writeStatus(deployment: Deployment): Promise<Deployment> {
    const revision = deployment.metadata.annotations?.[REVISION];
    const written = await client.updateStatus<Deployment>(DEPLOYMENTS, deployment);
    if (revision === undefined || written.metadata.annotations?.[REVISION] === revision) return written;
    const { name = '', namespace } = written.metadata;
    const patch = { metadata: { annotations: { [REVISION]: revision } } };
    return client.patch<Deployment>(DEPLOYMENTS, name, namespace, patch);
  }

  async function createReplicaSet(replicaSet: ReplicaSet, deployment: Deployment): Promise<void> {
    try {
      await client.create<ReplicaSet>(REPLICA_SETS, replicaSet);
    } catch (error) {
      if (isAlreadyExists(error)) return await nameTaken(replicaSet, deployment, error);
      await createFailed(replicaSet, deployment, error as Error);
    }
  }

  /** Its own set, which the informer does not know yet, is fine; another's: the next hash will differ. */
  async function nameTaken(replicaSet: ReplicaSet, deployment: Deployment, error: unknown): Promise<void> {
    const { name = '', namespace } = replicaSet.metadata;
    const other = await client.get<ReplicaSet>(REPLICA_SETS, name, namespace);
    if (isControlledBy(other, deployment) && sameTemplate(other.spec.template, deployment.spec.template))
      return;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await client.updateStatus<Deployment>(DEPLOYMENTS, {
      ...deployment,
      status: { ...deployment.status, collisionCount },
    });
    throw error;
  }

  async function createFailed(replicaSet: ReplicaSet, deployment: Deployment, error: Error): Promise<never> {
    const reason = 'ReplicaSetCreateError';
    const message = `Failed to create new replica set "${replicaSet.metadata.name}": ${error.message}`;
    const failed = condition('Progressing', 'False', reason, message, clock.now());
    const conditions = setCondition(deployment.status?.conditions, failed);
    events.event(deployment, 'Warning', reason, message);
    await client.updateStatus<Deployment>(DEPLOYMENTS, {
      ...deployment,
      status: { ...deployment.status, conditions },
    });
    throw error;
  }

  async function refuse(deployment: Deployment): Promise<void> {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    events.event(deployment, 'Warning', 'SelectingAll', message);
    const { generation } = deployment.metadata;
    if (generation === undefined || (deployment.status?.observedGeneration ?? 0) >= generation) return;
    const status = { ...deployment.status, observedGeneration: generation };
    await client.updateStatus<Deployment>(DEPLOYMENTS, { ...deployment, status });
  }

  return queueController('deployment', queue);
}

function selectsEverything({ spec }: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec.selector;
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}
