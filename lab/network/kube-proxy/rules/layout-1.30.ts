import { contains, isExternallyAccessible, type ServedPort, type ServicePort } from '../model/index.ts';
import { servicePortHash } from '../names.ts';
import { dropHere, type Refusal, refuseAll, refuseClusterIP, refuseExternal } from './no-endpoints.ts';
import {
  balance,
  type ChainedEndpoint,
  endpointChain,
  type PortRulesBuilder,
  withChains,
} from './port-rules.ts';
import { FROM_LOCAL, rule } from './rule.ts';
import type { RuleOptions } from './types.ts';

/**
 * Today's rules of one service port (Kubernetes 1.27 to 1.30): KUBE-EXT for all that comes from outside, KUBE-SVC for policy
 * Cluster, KUBE-SVL for policy Local.
 *
 * @see pkg/proxy/iptables/proxier.go of 1.30, `syncProxyRules`
 */
export function renderPort130(served: ServedPort, options: RuleOptions, out: PortRulesBuilder): void {
  const { port, cluster, local, hasEndpoints } = served;
  const { protocol } = port;
  const hash = servicePortHash(port.name, protocol);
  const chains = {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
  const internalServed = port.internalLocal ? local.length > 0 : hasEndpoints;
  const externalServed = port.externalLocal ? local.length > 0 : hasEndpoints;
  const refusal: Refusal = hasEndpoints ? dropHere(port) : refuseAll(port);
  const comment = `${port.name} cluster IP`;
  const toClusterIP = { destination: port.clusterIP, protocol, comment, port: port.port };
  const internal = port.internalLocal ? chains.local : chains.cluster;

  if (internalServed) out.shared('nat KUBE-SERVICES', rule('KUBE-SERVICES', toClusterIP, internal));
  else out.shared(...refuseClusterIP(port, refusal));
  if (hasEndpoints) captureExternal(port, chains, out);
  if (!externalServed) for (const line of refuseExternal(port, refusal)) out.shared(...line);
  if (port.healthCheckNodePort !== undefined) {
    const health = { protocol: 'tcp', comment: `${port.name} health check node port` };
    out.shared(
      'filter KUBE-NODEPORTS',
      rule('KUBE-NODEPORTS', { ...health, port: port.healthCheckNodePort }, 'ACCEPT'),
    );
  }
  if (!hasEndpoints) return;

  if (isExternallyAccessible(port)) {
    const policy = port.externalLocal ? chains.local : chains.cluster;
    out.chain(
      chains.external,
      externalRules(port, chains, externalServed ? policy : undefined, options.clusterCIDR),
    );
    if (hasFirewall(port)) out.chain(chains.firewall, firewallRules(port, chains, options.nodeIP));
  }
  const mark: string[] = [];
  if (options.masqueradeAll) mark.push(rule(internal, toClusterIP, 'KUBE-MARK-MASQ'));
  else if (options.clusterCIDR !== undefined) {
    mark.push(rule(internal, { ...toClusterIP, source: `! ${options.clusterCIDR}` }, 'KUBE-MARK-MASQ'));
  }
  const endpoints = withChains(port, served.reachable);
  const named = ({ target }: { target: string }) =>
    options.comments ? `${port.name} -> ${target}` : undefined;
  for (const [chain, chosen] of [
    [chains.cluster, cluster],
    [chains.local, local],
  ] as const) {
    if (chosen.length === 0) continue;
    const those = chosen.map((endpoint) => endpoints.get(endpoint) as ChainedEndpoint);
    out.chain(chain, [
      ...(chain === internal ? mark : []),
      ...balance(chain, port, those, { affinity: named, random: named }),
    ]);
  }
  for (const endpoint of endpoints.values()) {
    out.chain(endpoint.chain, endpointChain(port, endpoint, options.comments));
  }
}

interface Chains {
  readonly cluster: string;
  readonly external: string;
  readonly firewall: string;
}

const hasFirewall = (port: ServicePort) => port.loadBalancerIPs.length > 0 && port.sourceRanges.length > 0;

/** External addresses and the node port lead to KUBE-EXT, load-balancer addresses by way of the source ranges. */
function captureExternal(port: ServicePort, chains: Chains, out: PortRulesBuilder): void {
  const { protocol } = port;
  const capture = (what: string, destination: string, target: string) => {
    const match = { destination, protocol, comment: `${port.name} ${what} IP`, port: port.port };
    out.shared('nat KUBE-SERVICES', rule('KUBE-SERVICES', match, target));
  };
  for (const address of port.externalIPs) capture('external', address, chains.external);
  for (const address of port.loadBalancerIPs) {
    capture('loadbalancer', address, hasFirewall(port) ? chains.firewall : chains.external);
  }
  if (hasFirewall(port)) {
    const comment = `${port.name} traffic not accepted by ${chains.firewall}`;
    for (const destination of port.loadBalancerIPs) {
      out.shared(
        'filter KUBE-PROXY-FIREWALL',
        rule('KUBE-PROXY-FIREWALL', { destination, protocol, comment, port: port.port }, 'DROP'),
      );
    }
  }
  if (port.nodePort !== undefined) {
    const match = { protocol, comment: port.name, port: port.nodePort };
    out.shared('nat KUBE-NODEPORTS', rule('KUBE-NODEPORTS', match, chains.external));
  }
}

/** @param policy the chain of the external policy's endpoints; undefined when there are none */
function externalRules(
  port: ServicePort,
  chains: Chains,
  policy: string | undefined,
  clusterCIDR: string | undefined,
): string[] {
  const chain = chains.external;
  const onward = policy === undefined ? [] : [rule(chain, {}, policy)];
  const what = `for ${port.name} external destinations`;
  if (!port.externalLocal) {
    // The endpoint may be on another node, whose answer has to come back through this one.
    return [rule(chain, { comment: `masquerade traffic ${what}` }, 'KUBE-MARK-MASQ'), ...onward];
  }
  // Pods and the node itself are spared the policy, as if their packets had gone out to a load balancer and come back.
  const pods =
    clusterCIDR === undefined
      ? []
      : [rule(chain, { source: clusterCIDR, comment: `pod traffic ${what}` }, chains.cluster)];
  return [
    ...pods,
    rule(chain, { comment: `masquerade LOCAL traffic ${what}`, after: FROM_LOCAL }, 'KUBE-MARK-MASQ'),
    rule(chain, { comment: `route LOCAL traffic ${what}`, after: FROM_LOCAL }, chains.cluster),
    ...onward,
  ];
}

function firewallRules(port: ServicePort, chains: Chains, nodeIP: string): string[] {
  const chain = chains.firewall;
  const comment = `${port.name} loadbalancer IP`;
  const allowed = [...port.sourceRanges];
  // Where the address is the node's own, what the node sends to it comes from that address.
  if (port.sourceRanges.some((range) => contains(range, nodeIP))) allowed.push(...port.loadBalancerIPs);
  return [
    ...allowed.map((source) => rule(chain, { source, comment }, chains.external)),
    // Counts only: what comes this far stays untranslated and meets KUBE-PROXY-FIREWALL.
    rule(chain, { comment: `other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL` }),
  ];
}
