import type { FieldError, Kind, KubeObject } from '../../registry/kind.ts';
import { customKind, customSpec } from '../custom.ts';
import { invalid } from '../fields/index.ts';
import { column, nameColumn } from '../tables/index.ts';
import { parseCIDR, parseIP } from '../values/index.ts';

interface IPAddressPoolSpec {
  readonly addresses: readonly string[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIPs: boolean;
}

/** Addresses that MetalLB may give to services of type LoadBalancer. */
export const ipaddresspools: Kind = customKind({
  group: 'metallb.io',
  version: 'v1beta1',
  kind: 'IPAddressPool',
  plural: 'ipaddresspools',
  singular: 'ipaddresspool',
  namespaced: true,
  definition: 'io.metallb.v1beta1.IPAddressPool',
  defaults(object) {
    object.spec = { autoAssign: true, avoidBuggyIPs: false, ...(object.spec as object | undefined) };
  },
  validate: validateAddresses,
  columns: [
    nameColumn,
    column('Auto Assign', 'jsonpath .spec.autoAssign', { type: 'boolean' }),
    column('Avoid Buggy IPs', 'jsonpath .spec.avoidBuggyIPs', { type: 'boolean' }),
    column('Addresses', 'jsonpath .spec.addresses'),
  ],
  row(object) {
    const { autoAssign, avoidBuggyIPs, addresses } = customSpec<IPAddressPoolSpec>(object);
    return [object.metadata.name, autoAssign ?? null, avoidBuggyIPs ?? null, JSON.stringify(addresses ?? [])];
  },
});

/** MetalLB's webhook: each entry is a prefix, or first-last of one family. */
function validateAddresses(object: KubeObject): FieldError[] {
  return (customSpec<IPAddressPoolSpec>(object).addresses ?? []).flatMap((entry, index) => {
    const field = `spec.addresses[${index}]`;
    if (!entry.includes('-')) {
      return parseCIDR(entry) ? [] : [invalid(field, entry, `invalid CIDR ${JSON.stringify(entry)}`)];
    }
    const [first, last] = entry.split('-').map((part) => parseIP(part.trim()));
    if (!first || !last || first.family !== last.family) return [invalid(field, entry, 'invalid IP range')];
    return first.value > last.value ? [invalid(field, entry, 'invalid IP range: start is after end')] : [];
  });
}
