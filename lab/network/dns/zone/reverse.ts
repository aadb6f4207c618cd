import ipaddr from 'ipaddr.js';
import { canonical, labelsOf } from '../wire/index.ts';

/**
 * The address that a name of a reverse zone is for: `10.0.96.10.in-addr.arpa.` is 10.96.0.10 (RFC 1035 §3.5, RFC 3596
 * §2.5). IPv6 in the form that objects of the API carry.
 *
 * @returns undefined for any other name
 */
export function addressOfReverse(name: string): string | undefined {
  const labels = labelsOf(canonical(name)).reverse();
  const [arpa, family, ...parts] = labels;
  if (arpa !== 'arpa') return undefined;
  if (family === 'in-addr' && parts.length === 4) {
    return parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
      ? parts.join('.')
      : undefined;
  }
  if (family === 'ip6' && parts.length === 32 && parts.every((part) => /^[0-9a-f]$/.test(part))) {
    return ipaddr.parse(parts.join('').replaceAll(/(.{4})(?!$)/g, '$1:')).toString();
  }
  return undefined;
}
