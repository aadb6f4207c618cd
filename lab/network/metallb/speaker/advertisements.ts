import type { ApiObject, LabelSelector, Node } from '../../../api/objects/index.ts';
import { selects } from '../../../api/selectors.ts';
import type { Pool } from '../pools.ts';

export interface L2Advertisement extends ApiObject {
  spec?: {
    ipAddressPools?: string[] | null;
    ipAddressPoolSelectors?: LabelSelector[] | null;
    nodeSelectors?: LabelSelector[] | null;
    interfaces?: string[] | null;
  };
}

/** From where the addresses of a pool are announced. */
export interface Scope {
  /** Nodes that may. */
  readonly nodes: ReadonlySet<string>;
  /** Interfaces of a node; empty: all. */
  interfaces(node: string): readonly string[];
}

function covers({ spec }: L2Advertisement, pool: Pool): boolean {
  const names = spec?.ipAddressPools ?? [];
  const selectors = spec?.ipAddressPoolSelectors ?? [];
  if (names.length === 0 && selectors.length === 0) return true;
  return names.includes(pool.name) || selectors.some((selector) => selects(selector, pool.labels));
}

function admitsNode({ spec }: L2Advertisement, node: Node): boolean {
  const selectors = spec?.nodeSelectors ?? [];
  return selectors.length === 0 || selectors.some((selector) => selects(selector, node.metadata.labels));
}

/**
 * @returns undefined when no advertisement covers the pool: its addresses are given out but not announced. Pools of the ConfigMap are
 *   announced from everywhere.
 */
export function scopeOf(
  pool: Pool,
  advertisements: readonly L2Advertisement[],
  nodes: readonly Node[],
): Scope | undefined {
  const all = new Set(nodes.map(({ metadata }) => metadata.name ?? ''));
  if (pool.legacy) return { nodes: all, interfaces: () => [] };
  const covering = advertisements.filter((one) => covers(one, pool));
  if (covering.length === 0) return undefined;
  const byNode = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const admitting = covering.filter((one) => admitsNode(one, node));
    if (admitting.length === 0) continue;
    const lists = admitting.map(({ spec }) => spec?.interfaces ?? []);
    const interfaces = lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())].sort();
    byNode.set(node.metadata.name ?? '', interfaces);
  }
  return { nodes: new Set(byNode.keys()), interfaces: (node) => byNode.get(node) ?? [] };
}
