import type { V1Service } from '@kubernetes/client-node';
import { parseIP } from '../values/index.ts';

/** pkg/api/service GetWarningsForService: addresses that are accepted for the sake of old clients only. */
export function serviceWarnings(service: V1Service): string[] {
  const spec = service.spec;
  if (!spec) return [];
  const warnings: string[] = [];
  if (spec.clusterIP !== 'None') {
    for (const [index, ip] of (spec.clusterIPs ?? []).entries())
      warnings.push(...warn(ip, `spec.clusterIPs[${index}]`));
  }
  for (const [index, ip] of (spec.externalIPs ?? []).entries())
    warnings.push(...warn(ip, `spec.externalIPs[${index}]`));
  if (spec.loadBalancerIP) warnings.push(...warn(spec.loadBalancerIP, 'spec.loadBalancerIP'));
  if (spec.clusterIP === 'None' || spec.type === 'ExternalName') {
    const what = spec.type === 'ExternalName' ? 'for ExternalName services' : 'headless services';
    if ((spec.externalIPs ?? []).length > 0 && spec.type === 'ExternalName') {
      warnings.push(`spec.externalIPs is ignored when spec.type is "ExternalName"`);
    }
    if (spec.sessionAffinity && spec.sessionAffinity !== 'None' && what === 'headless services') {
      warnings.push('spec.SessionAffinity is ignored for headless services');
    }
  }
  return warnings;
}

/** What Go's netip.ParseAddr, which does not take leading zeros, says. */
function warn(ip: string, field: string): string[] {
  const why = parseAddrError(ip);
  if (why === undefined) return [];
  return [
    `${field}: IP address was accepted, but will be invalid in a future Kubernetes release: ParseAddr(${JSON.stringify(ip)}): ${why}`,
  ];
}

function parseAddrError(ip: string): string | undefined {
  if (/^(?:\d+\.){3}\d+$/.test(ip) && ip.split('.').some((octet) => /^0\d/.test(octet))) {
    return 'IPv4 field has octet with leading zero';
  }
  return parseIP(ip) ? undefined : 'unable to parse IP';
}
