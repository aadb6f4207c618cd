import { matchesTerm } from '../../api/node-affinity.ts';
import type { Pod, Service } from '../../api/objects/index.ts';
import { controllerOf } from '../../api/owners.ts';
import { isPodActive } from '../../api/pods.ts';
import { fromLabels, matches } from '../../api/selectors.ts';
import { untolerated } from '../../api/tolerations.ts';
import { companyScore } from './affinity.ts';
import type { ClusterState, NodeInfo } from './cluster.ts';
import { crowding } from './spreading.ts';

/**
 * The best of the nodes that can take a pod: taints to be avoided count most, then the pod's own preferences, then its spreading
 * constraints, then few pods of the same owner or service, then few pods at all. The real scheduler adds weighted scores and draws lots; ours takes the first by
 * name, so that a lab comes out the same each time.
 */
export function bestNode(
  pod: Pod,
  nodes: readonly NodeInfo[],
  { nodes: all, services }: Pick<ClusterState, 'nodes' | 'services'>,
): NodeInfo | undefined {
  const isKin = kinOf(pod, services);
  const ranked = nodes.map((info) => ({ info, score: scoreOf(pod, info, all, isKin) }));
  ranked.sort((a, b) => compare(a.score, b.score) || (nameOf(a.info) < nameOf(b.info) ? -1 : 1));
  return ranked[0]?.info;
}

const nameOf = ({ node }: NodeInfo): string => node.metadata.name ?? '';

/** Smaller is better, the first difference decides. */
function scoreOf(
  pod: Pod,
  info: NodeInfo,
  all: readonly NodeInfo[],
  isKin: (other: Pod) => boolean,
): number[] {
  const { node, pods } = info;
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const liking = preferred
    .filter(({ preference }) => matchesTerm(preference, node))
    .reduce((sum, { weight }) => sum + weight, 0);
  return [
    untolerated(node.spec.taints, pod.spec.tolerations, ['PreferNoSchedule']) ? 1 : 0,
    -liking - companyScore(pod, info, all),
    crowding(pod, info, all),
    pods.filter(isKin).length,
    pods.length,
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Pods that should not all be in one place with this one: of the same controller, or behind the same service. */
function kinOf(pod: Pod, services: readonly Service[]): (other: Pod) => boolean {
  const owner = controllerOf(pod)?.uid;
  const { namespace, labels } = pod.metadata;
  const selectors = services
    .filter(({ metadata, spec }) => metadata.namespace === namespace && spec.selector)
    .map(({ spec }) => fromLabels(spec.selector ?? {}))
    .filter((selector) => matches(selector, labels));
  return (other) => {
    if (other.metadata.namespace !== namespace || !isPodActive(other)) return false;
    if (owner !== undefined && controllerOf(other)?.uid === owner) return true;
    return selectors.some((selector) => matches(selector, other.metadata.labels));
  };
}
