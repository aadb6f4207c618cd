import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/objects/index.ts';
import type { ClusterState } from './cluster.ts';
import { type Refusal, refusals } from './filters.ts';
import { bestNode } from './scores.ts';

export type Decision =
  | {
      readonly do: 'bind';
      readonly node: string;
    }
  /** First the pod's claims need volumes on that node; then the pod is decided again. */
  | { readonly do: 'selectNode'; readonly node: string; readonly claims: readonly PersistentVolumeClaim[] }
  /** The volumes of its claims are being bound to the node that was selected; the claims bring the pod back. */
  | { readonly do: 'awaitVolumes' }
  | { readonly do: 'wait'; readonly message: string };

/** Written to a claim: where the pod that waits for it will run. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** Where a pod goes. Pure: kube-scheduler's scheduling cycle. */
export function decide(pod: Pod, cluster: ClusterState): Decision {
  const { nodes } = cluster;
  if (nodes.length === 0) return { do: 'wait', message: 'no nodes available to schedule pods' };
  const storage = storageOf(pod, cluster);
  if (typeof storage === 'string') {
    const preemption = `${nodes.length} Preemption is not helpful for scheduling`;
    return { do: 'wait', message: unavailable(nodes.length, storage, preemption) };
  }
  if (storage.binding) return { do: 'awaitVolumes' };
  const refused: (readonly Refusal[])[] = [];
  const feasible = nodes.filter((info) => {
    const found = refusals(pod, info, nodes, storage.volumes);
    if (found.length > 0) refused.push(found);
    return found.length === 0;
  });
  const best = bestNode(pod, feasible, cluster)?.node.metadata.name;
  if (best === undefined) return { do: 'wait', message: failureMessage(refused) };
  if (storage.unbound.length > 0) return { do: 'selectNode', node: best, claims: storage.unbound };
  return { do: 'bind', node: best };
}

interface Storage {
  /** Volumes of the pod's bound claims. */
  readonly volumes: readonly PersistentVolume[];
  /** Claims that wait for their first consumer. */
  readonly unbound: readonly PersistentVolumeClaim[];
  /** Some have their volume and are not Bound yet: a real scheduler waits for that in its binding cycle (PreBind). */
  readonly binding: boolean;
}

/** @returns a reason if the pod's claims keep it from running anywhere */
function storageOf({ metadata, spec }: Pod, cluster: ClusterState): Storage | string {
  const volumes: PersistentVolume[] = [];
  const unbound: PersistentVolumeClaim[] = [];
  let binding = false;
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const { claimName } = persistentVolumeClaim;
    const claim = cluster.claim(metadata.namespace, claimName);
    if (!claim) return `persistentvolumeclaim "${claimName}" not found`;
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${claimName}" is being deleted`;
    const volume = claim.spec.volumeName ? cluster.volume(claim.spec.volumeName) : undefined;
    if (volume && claim.status?.phase === 'Bound') {
      volumes.push(volume);
    } else if (!claim.spec.volumeName && isDelayed(claim, cluster)) {
      unbound.push(claim);
    } else if (claim.metadata.annotations?.[SELECTED_NODE] && claim.status?.phase !== 'Lost') {
      binding = true;
    } else {
      return 'pod has unbound immediate PersistentVolumeClaims';
    }
  }
  return { volumes, unbound, binding };
}

function isDelayed({ spec }: PersistentVolumeClaim, cluster: ClusterState): boolean {
  return cluster.storageClass(spec.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer';
}

/**
 * The text of FailedScheduling: reasons with the number of nodes, sorted as text. framework.FitError.
 *
 * @param refused for each node all that its filter found; one thing that cannot be helped makes the node a hopeless one
 */
export function failureMessage(refused: readonly (readonly Refusal[])[]): string {
  const count = refused.length;
  const helpless = refused.filter((found) => found.some(({ resolvable }) => !resolvable)).length;
  const preemption = [
    ...(count - helpless > 0 ? [`${count - helpless} No preemption victims found for incoming pod`] : []),
    ...(helpless > 0 ? [`${helpless} Preemption is not helpful for scheduling`] : []),
  ];
  const reasons = new Map<string, number>();
  for (const { reason } of refused.flat()) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const texts = [...reasons].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
  return unavailable(count, texts.join(', '), preemption.sort().join(', '));
}

function unavailable(count: number, reasons: string, preemption: string): string {
  const none = `0/${count} nodes are available`;
  return `${none}: ${reasons}. preemption: ${none}: ${preemption}.`;
}
