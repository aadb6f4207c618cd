import type { ServicePort } from '../model/index.ts';
import { REJECT, rule, TO_LOCAL } from './rule.ts';
import type { SharedChain } from './types.ts';

/** Rules of the filter table that turn away what no rule of nat has translated. */
export interface Refusal {
  readonly comment: string;
  readonly target: string;
}

/** Nobody serves it anywhere: the client is told so at once. */
export const refuseAll = (port: ServicePort): Refusal => ({
  comment: `${port.name} has no endpoints`,
  target: REJECT,
});

/** Others serve it, this node does not, and policy Local says that it must not help out. */
export const dropHere = (port: ServicePort): Refusal => ({
  comment: `${port.name} has no local endpoints`,
  target: 'DROP',
});

export function refuseClusterIP(port: ServicePort, { comment, target }: Refusal): [SharedChain, string] {
  const { protocol, clusterIP: destination } = port;
  return [
    'filter KUBE-SERVICES',
    rule('KUBE-SERVICES', { destination, protocol, comment, port: port.port }, target),
  ];
}

/** For external IPs, load-balancer addresses and the node port. */
export function refuseExternal(port: ServicePort, { comment, target }: Refusal): [SharedChain, string][] {
  const chain = 'KUBE-EXTERNAL-SERVICES';
  const { protocol, externalIPs, loadBalancerIPs, nodePort } = port;
  const lines = [...externalIPs, ...loadBalancerIPs].map((destination) =>
    rule(chain, { destination, protocol, comment, port: port.port }, target),
  );
  if (nodePort !== undefined) {
    lines.push(rule(chain, { protocol, comment, before: TO_LOCAL, port: nodePort }, target));
  }
  return lines.map((line) => ['filter KUBE-EXTERNAL-SERVICES', line]);
}
