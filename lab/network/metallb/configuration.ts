import {
  type ApiClient,
  CONFIG_MAPS,
  type Informer,
  IP_ADDRESS_POOLS,
  informer,
} from '../../api/client/index.ts';
import type { ConfigMap } from '../../api/objects/index.ts';
import { type IPAddressPool, type Pool, readPools } from './pools.ts';

/** Namespace and names of the white paper's MetalLB (Figure 32; `kubectl get pods -n iks`). */
export const NAMESPACE = 'iks';
export const CONFIG_MAP = 'essential-metallb';
export const MEMBERLIST_SECRET = 'essential-metallb-memberlist';

export interface Configuration {
  /** The pools in force. */
  readonly pools: readonly Pool[];
  readonly synced: Promise<unknown>;
  stop(): void;
}

/**
 * Follows IPAddressPools and the ConfigMap. A configuration with mistakes does not replace one that is in force, as in MetalLB; after a
 * start, what of it can be understood is used.
 *
 * @param changed called after every change of either
 */
export function followConfiguration(
  client: ApiClient,
  changed: () => void,
  onProblem: (problem: string) => void,
  onError: (error: unknown) => void,
): Configuration {
  const options = { namespace: NAMESPACE, onError };
  const resources: Informer<IPAddressPool> = informer<IPAddressPool>(client, IP_ADDRESS_POOLS, options);
  const configMaps: Informer<ConfigMap> = informer<ConfigMap>(client, CONFIG_MAPS, {
    ...options,
    fieldSelector: `metadata.name=${CONFIG_MAP}`,
  });
  let pools: readonly Pool[] = [];
  let told = '';

  function update(): void {
    if (!resources.isSynced && resources.list().length === 0 && configMaps.list().length === 0) return;
    const fresh = readPools(resources.list(), configMaps.get(CONFIG_MAP, NAMESPACE));
    const problems = fresh.problems.join('\n');
    if (problems !== told) for (const problem of fresh.problems) onProblem(problem);
    told = problems;
    if (problems === '' || pools.length === 0) pools = fresh.pools;
    changed();
  }

  for (const source of [resources, configMaps]) source.on({ add: update, update, delete: update });
  return {
    get pools() {
      return pools;
    },
    synced: Promise.all([resources.synced, configMaps.synced]),
    stop() {
      resources.stop();
      configMaps.stop();
    },
  };
}
