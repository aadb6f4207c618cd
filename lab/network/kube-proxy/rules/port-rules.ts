import type { Endpoint, ServicePort } from '../model/index.ts';
import { endpointChainName } from '../names.ts';
import { oneOf, remember, rule, seen } from './rule.ts';
import type { PortRules, SharedChain } from './types.ts';

/** Collects the rules of one service port. */
export class PortRulesBuilder {
  readonly #chains: [string, string][] = [];
  readonly #shared: [SharedChain, string][] = [];

  chain(name: string, lines: readonly string[]): void {
    this.#chains.push([name, lines.join('\n')]);
  }

  shared(chain: SharedChain, ...lines: readonly string[]): void {
    this.#shared.push([chain, lines.join('\n')]);
  }

  build(): PortRules {
    return { chains: this.#chains, shared: this.#shared };
  }
}

/** What rules say of an endpoint; the name of its chain is hashed once. */
export interface ChainedEndpoint extends Pick<Endpoint, 'address' | 'target'> {
  readonly chain: string;
}

export function withChains(
  port: ServicePort,
  endpoints: readonly Endpoint[],
): ReadonlyMap<Endpoint, ChainedEndpoint> {
  const { name, protocol } = port;
  const chained = new Map<Endpoint, ChainedEndpoint>();
  for (const endpoint of endpoints) {
    const { address, target } = endpoint;
    chained.set(endpoint, { address, target, chain: endpointChainName(name, protocol, target) });
  }
  return chained;
}

/**
 * The rules that choose among endpoints: known clients first, if they are to stay; then each endpoint with 1/n, where
 * n counts it and those after it, so that all are equally likely. The last one takes what is left.
 *
 * @param comment of the rules of an endpoint; undefined leaves it out
 */
export function balance(
  chain: string,
  port: ServicePort,
  endpoints: readonly ChainedEndpoint[],
  comments: {
    readonly affinity: (endpoint: ChainedEndpoint) => string | undefined;
    readonly random: (endpoint: ChainedEndpoint, index: number) => string | undefined;
  },
): string[] {
  const { affinitySeconds } = port;
  const sticky =
    affinitySeconds === undefined
      ? []
      : endpoints.map((endpoint) => {
          const after = seen(endpoint.chain, affinitySeconds);
          return rule(chain, { comment: comments.affinity(endpoint), after }, endpoint.chain);
        });
  const random = endpoints.map((endpoint, index) => {
    const left = endpoints.length - index;
    const after = left === 1 ? undefined : oneOf(left);
    return rule(chain, { comment: comments.random(endpoint, index), after }, endpoint.chain);
  });
  return [...sticky, ...random];
}

/**
 * The chain of one endpoint. A pod that reaches itself through its service is masqueraded: it would take an answer from
 * its own address for one that did not come through the service (hairpin).
 */
export function endpointChain(port: ServicePort, endpoint: ChainedEndpoint, comments: boolean): string[] {
  const { chain, address, target } = endpoint;
  const { protocol } = port;
  // Written out, not by `rule`: nine of ten rules of a cluster come from here.
  const comment = comments ? `-m comment --comment "${port.name}" ` : '';
  const recent = port.affinitySeconds === undefined ? '' : `${remember(chain)} `;
  return [
    `-A ${chain} -s ${address}/32 ${comment}-j KUBE-MARK-MASQ`,
    `-A ${chain} -p ${protocol} ${comment}${recent}-m ${protocol} -j DNAT --to-destination ${target}`,
  ];
}
