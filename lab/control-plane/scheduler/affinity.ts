import type { Pod, PodAffinityTerm } from '../../api/objects/index.ts';
import { selects } from '../../api/selectors.ts';
import type { NodeInfo } from './cluster.ts';

/** Whether two nodes have the same value of the term's topology key. */
export function sameDomain({ topologyKey }: PodAffinityTerm, a: NodeInfo, b: NodeInfo): boolean {
  const domain = a.node.metadata.labels?.[topologyKey];
  return domain !== undefined && domain === b.node.metadata.labels?.[topologyKey];
}

/** Without namespaces of its own a term means those of its pod's. */
export function inNamespaces(
  { namespaces }: PodAffinityTerm,
  owner: Pod,
  namespace: string | undefined,
): boolean {
  return namespaces?.length ? namespaces.includes(namespace ?? '') : owner.metadata.namespace === namespace;
}

function meets(pod: Pod, term: PodAffinityTerm, { metadata }: Pod): boolean {
  return inNamespaces(term, pod, metadata.namespace) && selects(term.labelSelector, metadata.labels);
}

/** Whether a pod that the term means is in the node's domain. */
export function isTogether(
  pod: Pod,
  term: PodAffinityTerm,
  info: NodeInfo,
  all: readonly NodeInfo[],
): boolean {
  return all.some(
    (other) => sameDomain(term, info, other) && other.pods.some((one) => meets(pod, term, one)),
  );
}

/** The first of pods that want to be together may go anywhere. */
export function isFirstOfItsKind(pod: Pod, term: PodAffinityTerm, all: readonly NodeInfo[]): boolean {
  return meets(pod, term, pod) && !all.some((info) => info.pods.some((one) => meets(pod, term, one)));
}

/** What a pod's preferences for and against the company of others say about a node: more is better. plugins/interpodaffinity/scoring.go. */
export function companyScore(pod: Pod, info: NodeInfo, all: readonly NodeInfo[]): number {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const sum = (side: typeof podAffinity): number =>
    (side?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      .filter(({ podAffinityTerm }) => isTogether(pod, podAffinityTerm, info, all))
      .reduce((total, { weight }) => total + weight, 0);
  return sum(podAffinity) - sum(podAntiAffinity);
}
