import type { V1Service } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { forbidden, invalid, invalidAll, notSupported, required } from '../fields/index.ts';
import { isDNS1123Subdomain } from '../meta/index.ts';
import { isValidIP } from '../values/index.ts';

/** ValidateLoadBalancerStatus, through /status. */
export function validateServiceStatus(service: V1Service): FieldError[] {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const field = 'status.loadBalancer.ingress';
  if (ingress.length > 0 && service.spec?.type !== 'LoadBalancer') {
    return [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const modes = ['Proxy', 'VIP'];
  return ingress.flatMap(({ ip, ipMode, hostname }, index) => {
    const path = `${field}[${index}]`;
    const errors: FieldError[] = [];
    if (ip) errors.push(...invalidAll(`${path}.ip`, ip, isValidIP(ip)));
    if (ip && ipMode === undefined)
      errors.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'));
    if (ipMode !== undefined && !ip) {
      errors.push(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'));
    } else if (ipMode !== undefined && !modes.includes(ipMode)) {
      errors.push(notSupported(`${path}.ipMode`, ipMode, modes));
    }
    if (hostname) {
      errors.push(...invalidAll(`${path}.hostname`, hostname, isDNS1123Subdomain(hostname)));
      if (isValidIP(hostname).length === 0) {
        errors.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'));
      }
    }
    return errors;
  });
}
