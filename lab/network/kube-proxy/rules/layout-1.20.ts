import { contains, type Endpoint, type ServedPort, type ServicePort } from '../model/index.ts';
import { servicePortHash } from '../names.ts';
import { dropHere, refuseAll, refuseClusterIP, refuseExternal } from './no-endpoints.ts';
import {
  balance,
  type ChainedEndpoint,
  endpointChain,
  type PortRulesBuilder,
  withChains,
} from './port-rules.ts';
import { FROM_LOCAL, type Match, rule, TO_LOCAL } from './rule.ts';
import type { RuleOptions } from './types.ts';

interface Chains {
  readonly service: string;
  readonly localExternal: string;
  readonly localInternal: string;
  readonly firewall: string;
}

/**
 * The white paper's rules of one service port (Kubernetes 1.19 to 1.20; Figures 19 to 25, 101, 102): the mark for masquerading is set in
 * KUBE-SERVICES and KUBE-NODEPORTS, KUBE-FW takes load-balancer addresses, KUBE-XLB is for externalTrafficPolicy Local.
 *
 * internalTrafficPolicy is younger than this layout (1.21). Its chain is the later layout's KUBE-SVL.
 *
 * @see pkg/proxy/iptables/proxier.go of 1.20, `syncProxyRules`
 */
export function renderPort120(served: ServedPort, options: RuleOptions, out: PortRulesBuilder): void {
  const { port, cluster, local } = served;
  if (!served.hasEndpoints) {
    const refusal = refuseAll(port);
    out.shared(...refuseClusterIP(port, refusal));
    for (const line of refuseExternal(port, refusal)) out.shared(...line);
    return;
  }
  const hash = servicePortHash(port.name, port.protocol);
  const chains: Chains = {
    service: `KUBE-SVC-${hash}`,
    localExternal: `KUBE-XLB-${hash}`,
    localInternal: `KUBE-SVL-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
  if (port.internalLocal && local.length === 0) out.shared(...refuseClusterIP(port, dropHere(port)));
  else {
    captureClusterIP(port, port.internalLocal ? chains.localInternal : chains.service, options, out);
  }
  captureExternal(port, chains, out);
  if (port.loadBalancerIPs.length > 0) {
    out.chain(chains.firewall, firewallRules(port, chains, options.nodeIP));
  }

  const endpoints = withChains(port, served.reachable);
  const chained = (chosen: readonly Endpoint[]) =>
    chosen.map((endpoint) => endpoints.get(endpoint) as ChainedEndpoint);
  const named = () => (options.comments ? port.name : undefined);
  const plain = { affinity: named, random: named };
  if (cluster.length > 0) {
    out.chain(chains.service, balance(chains.service, port, chained(cluster), plain));
  }
  if (port.internalLocal && local.length > 0) {
    out.chain(chains.localInternal, balance(chains.localInternal, port, chained(local), plain));
  }
  if (port.externalLocal) {
    out.chain(chains.localExternal, localRules(port, chains, chained(local), options.clusterCIDR));
  }
  for (const endpoint of endpoints.values()) {
    out.chain(endpoint.chain, endpointChain(port, endpoint, options.comments));
  }
}

function captureClusterIP(
  port: ServicePort,
  target: string,
  options: RuleOptions,
  out: PortRulesBuilder,
): void {
  const match: Match = {
    destination: port.clusterIP,
    protocol: port.protocol,
    comment: `${port.name} cluster IP`,
    port: port.port,
  };
  const mark = (source?: string) => rule('KUBE-SERVICES', { ...match, source }, 'KUBE-MARK-MASQ');
  const lines: string[] = [];
  if (options.masqueradeAll) lines.push(mark());
  else if (options.clusterCIDR !== undefined) lines.push(mark(`! ${options.clusterCIDR}`));
  out.shared('nat KUBE-SERVICES', ...lines, rule('KUBE-SERVICES', match, target));
}

function captureExternal(port: ServicePort, chains: Chains, out: PortRulesBuilder): void {
  const { protocol, nodePort } = port;
  const onward = port.externalLocal ? chains.localExternal : chains.service;
  for (const destination of port.externalIPs) {
    const match: Match = { destination, protocol, comment: `${port.name} external IP`, port: port.port };
    const line = (target: string, after?: string) => rule('KUBE-SERVICES', { ...match, after }, target);
    // From off the machine (not from a bridge's port, not from the node), or to an address of the node itself.
    out.shared(
      'nat KUBE-SERVICES',
      ...(port.externalLocal ? [] : [line('KUBE-MARK-MASQ')]),
      line(onward, '-m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL'),
      line(onward, TO_LOCAL),
    );
  }
  for (const destination of port.loadBalancerIPs) {
    const match = { destination, protocol, comment: `${port.name} loadbalancer IP`, port: port.port };
    out.shared('nat KUBE-SERVICES', rule('KUBE-SERVICES', match, chains.firewall));
  }
  if (nodePort !== undefined) {
    const match = { protocol, comment: port.name, port: nodePort };
    // With policy Local only what comes over the loopback is masqueraded: its answer would be a martian.
    const source = port.externalLocal ? '127.0.0.0/8' : undefined;
    out.shared(
      'nat KUBE-NODEPORTS',
      rule('KUBE-NODEPORTS', { ...match, source }, 'KUBE-MARK-MASQ'),
      rule('KUBE-NODEPORTS', match, onward),
    );
  }
}

/** Who gets past the source ranges; the rest is marked to be dropped. */
function firewallRules(port: ServicePort, chains: Chains, nodeIP: string): string[] {
  const chain = chains.firewall;
  const comment = `${port.name} loadbalancer IP`;
  const onward = port.externalLocal ? chains.localExternal : chains.service;
  const allowed: (string | undefined)[] = [...port.sourceRanges];
  if (allowed.length === 0) allowed.push(undefined);
  else if (port.sourceRanges.some((range) => contains(range, nodeIP))) allowed.push(...port.loadBalancerIPs);
  return [
    ...(port.externalLocal ? [] : [rule(chain, { comment }, 'KUBE-MARK-MASQ')]),
    ...allowed.map((source) => rule(chain, { source, comment }, onward)),
    rule(chain, { comment }, 'KUBE-MARK-DROP'),
  ];
}

/** externalTrafficPolicy Local: pods and the node itself may go to any endpoint, others to those on this node. */
function localRules(
  port: ServicePort,
  chains: Chains,
  local: readonly ChainedEndpoint[],
  clusterCIDR: string | undefined,
): string[] {
  const chain = chains.localExternal;
  const lines: string[] = [];
  if (clusterCIDR !== undefined) {
    const comment = 'Redirect pods trying to reach external loadbalancer VIP to clusterIP';
    lines.push(rule(chain, { source: clusterCIDR, comment }, chains.service));
  }
  const what = `LOCAL traffic for ${port.name} LB IP`;
  lines.push(
    rule(chain, { comment: `masquerade ${what}`, after: FROM_LOCAL }, 'KUBE-MARK-MASQ'),
    rule(chain, { comment: `route ${what} to service chain`, after: FROM_LOCAL }, chains.service),
  );
  if (local.length === 0) {
    return [...lines, rule(chain, { comment: `${port.name} has no local endpoints` }, 'KUBE-MARK-DROP')];
  }
  const affinity = () => port.name;
  const random = (_: unknown, index: number) => `Balancing rule ${index} for ${port.name}`;
  return [...lines, ...balance(chain, port, local, { affinity, random })];
}
