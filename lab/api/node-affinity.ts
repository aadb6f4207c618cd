import type { Node, NodeSelector, NodeSelectorTerm, PodSpec } from './objects/index.ts';
import { fromLabels, matches, type Requirement } from './selectors.ts';

/** Whether a node meets a pod's nodeSelector and its required node affinity. component-helpers' GetRequiredNodeAffinity. */
export function matchesNodeAffinity(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>, node: Node): boolean {
  if (!matches(fromLabels(spec.nodeSelector ?? {}), node.metadata.labels)) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Terms are alternatives; within one all must hold. A term without any requirement selects nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return (selector.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node));
}

export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = requirements(term.matchExpressions);
  const fields = requirements(term.matchFields);
  if (expressions.length + fields.length === 0) return false;
  return (
    matches(expressions, node.metadata.labels) &&
    matches(fields, { 'metadata.name': node.metadata.name ?? '' })
  );
}

function requirements(expressions: NodeSelectorTerm['matchExpressions']): Requirement[] {
  return (expressions ?? []).map(({ key, operator, values }) => ({
    key,
    operator: operator as Requirement['operator'],
    values: values ?? [],
  }));
}
