import type { Kind } from '../../registry/kind.ts';
import { customKind, customSpec } from '../custom.ts';
import { column, nameColumn, wide } from '../tables/index.ts';

interface L2AdvertisementSpec {
  readonly ipAddressPools: readonly string[];
  readonly ipAddressPoolSelectors: readonly unknown[];
  readonly interfaces: readonly string[];
  readonly nodeSelectors: readonly unknown[];
}

/** Which pools MetalLB announces by ARP, and from where. */
export const l2advertisements: Kind = customKind({
  group: 'metallb.io',
  version: 'v1beta1',
  kind: 'L2Advertisement',
  plural: 'l2advertisements',
  singular: 'l2advertisement',
  namespaced: true,
  definition: 'io.metallb.v1beta1.L2Advertisement',
  defaults(object) {
    object.spec ??= {};
  },
  columns: [
    nameColumn,
    column('IPAddressPools', 'jsonpath .spec.ipAddressPools'),
    column('IPAddressPool Selectors', 'jsonpath .spec.ipAddressPoolSelectors'),
    column('Interfaces', 'jsonpath .spec.interfaces'),
    column('Node Selectors', 'jsonpath .spec.nodeSelectors', wide),
  ],
  row(object) {
    const spec = customSpec<L2AdvertisementSpec>(object);
    const cell = (list: readonly unknown[] | undefined): string | null =>
      list ? JSON.stringify(list) : null;
    return [
      object.metadata.name,
      cell(spec.ipAddressPools),
      cell(spec.ipAddressPoolSelectors),
      cell(spec.interfaces),
      cell(spec.nodeSelectors),
    ];
  },
});
