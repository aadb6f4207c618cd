import type { RuleLayout } from '../../../api/cluster.ts';
import type { ServedPort } from '../model/index.ts';
import { renderPort120 } from './layout-1.20.ts';
import { renderPort130 } from './layout-1.30.ts';
import { PortRulesBuilder } from './port-rules.ts';
import { jumps, nodePortRules, staticChains } from './static.ts';
import { type PortRules, type RuleOptions, type RuleSet, type SharedChain, TABLES } from './types.ts';

/** Above this many endpoint chains the real kube-proxy leaves comments out of them, too. */
export const LARGE_CLUSTER = 1000;

/** The rules of one service port; a pure function, so that its value is kept while the port is unchanged. */
export function renderPort(layout: RuleLayout, served: ServedPort, options: RuleOptions): PortRules {
  const out = new PortRulesBuilder();
  (layout === '1.20' ? renderPort120 : renderPort130)(served, options, out);
  return out.build();
}

/**
 * All rules of a node.
 *
 * @param ports the rules of each service port, in the order in which they are to stand in the shared chains
 */
export function renderRuleSet(layout: RuleLayout, ports: Iterable<PortRules>, options: RuleOptions): RuleSet {
  const statics = staticChains(layout, options);
  const shared: Record<SharedChain, string[]> = {
    'nat KUBE-SERVICES': [],
    'nat KUBE-NODEPORTS': [],
    'filter KUBE-SERVICES': [],
    'filter KUBE-EXTERNAL-SERVICES': [],
    'filter KUBE-NODEPORTS': [],
    'filter KUBE-PROXY-FIREWALL': [],
  };
  const own = new Map<string, string>();
  for (const port of ports) {
    for (const [name, text] of port.chains) own.set(name, text);
    for (const [chain, text] of port.shared) shared[chain].push(text);
  }
  shared['nat KUBE-SERVICES'].push(...nodePortRules(layout, options));
  const tables = Object.fromEntries(
    TABLES.map((table) => {
      const chains = new Map<string, string>();
      for (const [name, lines] of Object.entries(statics[table])) {
        const added = shared[`${table} ${name}` as SharedChain] ?? [];
        chains.set(name, [...lines, ...added].join('\n'));
      }
      if (table === 'nat') for (const [name, text] of own) chains.set(name, text);
      return [table, chains];
    }),
  ) as Record<(typeof TABLES)[number], Map<string, string>>;
  return { tables, jumps: jumps(layout, options) };
}
