import type { ActiveState } from '../calc/index.ts';
import { dispatchChains } from './dispatch.ts';
import { endpointChains } from './endpoint.ts';
import { policyChain, profileChains } from './policy.ts';
import type { Chain } from './rule.ts';
import { type StaticOptions, staticTables } from './static-tables.ts';
import type { Table } from './table.ts';

/**
 * Renders all four tables as they should be. Chains of a pod for which nothing has changed are the same objects as the time
 * before, so that what has been found out of them (their text) need not be found out again.
 */
export function tableRenderer(options: StaticOptions): (state: ActiveState) => Table[] {
  const fixed = staticTables(options);
  let known = new Map<string, Chain[]>();
  const chainsOfEndpoints = ({ endpoints }: ActiveState): Chain[] => {
    const now = new Map(
      endpoints.map((endpoint) => {
        const key = JSON.stringify(endpoint);
        return [key, known.get(key) ?? endpointChains(endpoint)];
      }),
    );
    known = now;
    return [...now.values()].flat();
  };
  return (state) => {
    const chains = [
      ...state.profiles.flatMap(profileChains),
      ...state.ingress.map((policy) => policyChain('cali-pi-', policy)),
      ...state.egress.map((policy) => policyChain('cali-po-', policy)),
      ...chainsOfEndpoints(state),
      ...dispatchChains(state.endpoints.map((endpoint) => endpoint.interface)),
    ];
    return fixed.map((table) =>
      table.name === 'filter' ? { ...table, chains: [...table.chains, ...chains] } : table,
    );
  };
}
