import { cidrRange, formatAddress, formatCidr, inRange } from '../address.ts';
import { DNS_OFFSET } from '../defaults.ts';
import type { Draft } from '../draft.ts';
import { type Finding, formatPath } from '../fault.ts';

/** What is pinned for the ingress controller's services: addresses of theirs to give, each once, and two ports. */
export function ingressRule(draft: Draft): Finding[] {
  const { ingress, serviceCIDR, clusterDNS, pools } = draft.cluster;
  const findings: Finding[] = [];
  for (const [i, { path, text, address, pool }] of ingress.addresses.entries()) {
    if (address === undefined) continue;
    const twice = ingress.addresses.slice(0, i).find((other) => other.address === address);
    if (twice) {
      findings.push({
        path,
        message: `${text} is the address of ${formatPath(twice.path)} already`,
        rule: 'services have addresses of their own',
        right: 'another address',
      });
    } else if (pool) {
      const ranges =
        pools?.flatMap(({ addresses }) => addresses?.map(({ range }) => range) ?? [undefined]) ?? [];
      const known = pools !== undefined && ranges.every((range) => range !== undefined);
      if (!known || ranges.some((range) => range && inRange(range, address))) continue;
      findings.push({
        path,
        message: `${text} is in none of cluster.loadBalancer.pools`,
        rule: 'a load-balancer address comes from a pool',
        right: ranges[0] ? formatAddress(ranges[0].first) : 'a pool that holds it',
      });
    } else if (serviceCIDR) {
      const range = cidrRange(serviceCIDR);
      const dns = clusterDNS ?? range.first + DNS_OFFSET;
      const taken = [range.first + 1, dns].includes(address);
      if (inRange(range, address) && !taken) continue;
      findings.push({
        path,
        message: taken
          ? `${text} is the address of ${address === dns ? "the cluster's DNS" : 'the API server'}`
          : `${text} is outside cluster.serviceCIDR (${formatCidr(serviceCIDR)})`,
        rule: 'services have addresses of the service CIDR, each its own',
        right: `${formatAddress(range.first + 100)}, or leave it out`,
      });
    }
  }
  const [http, https] = ingress.ports;
  if (http && https && http.port === https.port) {
    findings.push({
      path: https.path,
      message: `${https.port} is the port of ${formatPath(http.path)} already`,
      rule: 'a node port is of one service port',
      right: 'another port',
    });
  }
  return findings;
}
