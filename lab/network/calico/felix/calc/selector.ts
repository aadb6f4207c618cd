import { createHash } from 'node:crypto';
import type { LabelSelector } from '../../../../api/objects/index.ts';

/** Calico's label selector as a tree, of the kinds that Kubernetes' selectors become. */
export type Selector =
  | { readonly op: 'all' }
  | { readonly op: 'is'; readonly label: string; readonly value: string }
  | { readonly op: 'in' | 'not in'; readonly label: string; readonly values: readonly string[] }
  | { readonly op: 'has'; readonly label: string }
  | { readonly op: 'not'; readonly operand: Selector }
  | { readonly op: 'and'; readonly operands: readonly Selector[] };

export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
/** What a namespace hands down to its pods carries this prefix. */
export const NAMESPACE_PREFIX = 'pcns.';

export const ALL: Selector = { op: 'all' };

/** A selector whose operator Kubernetes does not have. */
export class BadSelectorError extends Error {
  constructor(operator: string) {
    super(`"${operator}" is not a valid label selector operator`);
  }
}

export function and(operands: readonly Selector[]): Selector {
  const [only] = operands;
  return operands.length === 1 && only ? only : { op: 'and', operands };
}

/**
 * Terms of a Kubernetes selector in Calico's order: labels by name, then expressions as they stand.
 *
 * @throws BadSelectorError
 */
function terms(selector: LabelSelector | null | undefined, prefix = ''): Selector[] {
  const labels = Object.entries(selector?.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const equal = labels.map(([key, value]): Selector => ({ op: 'is', label: prefix + key, value }));
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }): Selector => {
    const label = prefix + key;
    // Calico's parser keeps the members of a set sorted and once each.
    const set = [...new Set(values ?? [])].sort();
    switch (operator) {
      case 'In':
        return { op: 'in', label, values: set };
      case 'NotIn':
        return { op: 'not in', label, values: set };
      case 'Exists':
        return { op: 'has', label };
      case 'DoesNotExist':
        return { op: 'not', operand: { op: 'has', label } };
      default:
        throw new BadSelectorError(operator);
    }
  });
  return [...equal, ...expressions];
}

/**
 * Selector of pods; an absent or empty one selects every pod.
 *
 * @throws BadSelectorError
 */
export function podSelector(selector: LabelSelector | null | undefined): Selector {
  return and([{ op: 'is', label: ORCHESTRATOR_LABEL, value: 'k8s' }, ...terms(selector)]);
}

/**
 * Selector of the pods that a NetworkPolicy's peer names, as Felix is told it (libcalico-go
 * updateprocessors `getEndpointSelector`): the policy's own namespace, or the namespaces that have the labels.
 *
 * @throws BadSelectorError
 */
export function peerSelector(
  pods: LabelSelector | null | undefined,
  namespaces: LabelSelector | null | undefined,
  ownNamespace: string,
): Selector {
  if (!namespaces) {
    return and([{ op: 'is', label: NAMESPACE_LABEL, value: ownNamespace }, podSelector(pods)]);
  }
  const spaces = terms(namespaces, NAMESPACE_PREFIX);
  // The empty selector names every namespace, but nothing that is in none (a host endpoint).
  const where = spaces.length > 0 ? and(spaces) : ({ op: 'has', label: NAMESPACE_LABEL } as const);
  return and([where, podSelector(pods)]);
}

const quoted = (value: string): string => (value.includes('"') ? `'${value}'` : `"${value}"`);

/** Canonical text of a selector; Felix names ip sets by its hash. libcalico-go lib/selector/parser `String()`. */
export function selectorText(selector: Selector): string {
  switch (selector.op) {
    case 'all':
      return 'all()';
    case 'is':
      return `${selector.label} == ${quoted(selector.value)}`;
    case 'in':
    case 'not in':
      return `${selector.label} ${selector.op} {${selector.values.map(quoted).join(', ')}}`;
    case 'has':
      return `has(${selector.label})`;
    case 'not':
      return `!${selectorText(selector.operand)}`;
    case 'and':
      return `(${selector.operands.map(selectorText).join(' && ')})`;
  }
}

/** Whether labels, looked up one by one, meet a selector. */
export function selectorMatches(selector: Selector, label: (name: string) => string | undefined): boolean {
  switch (selector.op) {
    case 'all':
      return true;
    case 'is':
      return label(selector.label) === selector.value;
    case 'has':
      return label(selector.label) !== undefined;
    case 'not':
      return !selectorMatches(selector.operand, label);
    case 'and':
      return selector.operands.every((operand) => selectorMatches(operand, label));
    case 'in':
    case 'not in': {
      const value = label(selector.label);
      const found = value !== undefined && selector.values.includes(value);
      return found === (selector.op === 'in');
    }
  }
}

/** libcalico-go lib/hash `MakeUniqueID`. */
export function uniqueId(prefix: string, text: string): string {
  return `${prefix}:${createHash('sha224').update(`${prefix}:${text}`).digest('base64url')}`;
}

/** Id of the ip set of all addresses that a selector selects. */
export const selectorId = (selector: Selector): string => uniqueId('s', selectorText(selector));
