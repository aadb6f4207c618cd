import type { V1ServiceSpec } from '@kubernetes/client-node';
import type { FieldError } from '../../registry/kind.ts';
import { duplicate, goStrings, invalid, invalidAll, notSupported } from '../fields/index.ts';
import { isValidIP, parseIP, semanticallyEqual } from '../values/index.ts';
import { needsClusterIP } from './needs.ts';

const families = ['IPv4', 'IPv6'];
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** ValidateServiceClusterIPsRelatedFields: clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy must agree. */
export function validateClusterIPs(spec: V1ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const ips = spec.clusterIPs ?? [];
  const field = 'spec.clusterIPs';
  if (ips.length > 2) errors.push(invalid(field, goStrings(ips), 'may only hold up to 2 values'));
  if (ips.length > 0 && !spec.clusterIP) {
    errors.push(invalid(field, goStrings(ips), 'must be empty when `clusterIP` is not specified'));
  } else if (ips.length > 0 && ips[0] !== spec.clusterIP) {
    errors.push(invalid(field, goStrings(ips), 'first value must match `clusterIP`'));
  }
  if (ips.length > 1 && ips.includes('None')) {
    errors.push(invalid(field, goStrings(ips), "'None' must be the first and only value"));
  }
  for (const [index, ip] of ips.entries()) {
    if (ip !== 'None') errors.push(...invalidAll(`${field}[${index}]`, ip, isValidIP(ip)));
  }
  const seen = new Set<string>();
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    const path = `spec.ipFamilies[${index}]`;
    if (!families.includes(family)) errors.push(notSupported(path, family, families));
    else if (seen.has(family)) errors.push(duplicate(path, family));
    seen.add(family);
  }
  if (spec.ipFamilyPolicy !== undefined && !policies.includes(spec.ipFamilyPolicy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, policies));
  }
  for (const [index, ip] of ips.entries()) {
    const family = parseIP(ip)?.family;
    const wanted = spec.ipFamilies?.[index];
    if (family === undefined || wanted === undefined || !families.includes(wanted)) continue;
    if (wanted !== `IPv${family}`) {
      errors.push(
        invalid(
          `${field}[${index}]`,
          ip,
          `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``,
        ),
      );
    }
  }
  return errors;
}

/** A primary clusterIP is for life, unless the service becomes or was an ExternalName. */
export function validateClusterIPChange(spec: V1ServiceSpec, old: V1ServiceSpec): FieldError[] {
  if (!needsClusterIP(spec) || !needsClusterIP(old)) return [];
  const before = old.clusterIPs ?? [];
  const now = spec.clusterIPs ?? [];
  if (before.length === 0 || semanticallyEqual(now[0], before[0])) return [];
  return [invalid('spec.clusterIPs[0]', goStrings(now), 'may not change once set')];
}
