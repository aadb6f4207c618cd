import type { FieldError, Kind } from '../../registry/kind.ts';
import { customKind, customSpec } from '../custom.ts';
import { invalid } from '../fields/index.ts';
import { parseCIDR } from '../values/index.ts';

interface IPPoolSpec {
  readonly cidr: string;
  readonly blockSize: number;
  readonly ipipMode: string;
  readonly vxlanMode: string;
}

const tunnels = (mode: string | undefined): boolean => mode !== undefined && mode !== '' && mode !== 'Never';

/** A range of addresses for pods. calicoctl checks these; here the server does, so that a bad pool never comes to a node. */
export const ippools: Kind = customKind({
  group: 'crd.projectcalico.org',
  version: 'v1',
  kind: 'IPPool',
  plural: 'ippools',
  singular: 'ippool',
  namespaced: false,
  definition: 'org.projectcalico.crd.v1.IPPool',
  validate(object) {
    const { cidr, blockSize, ipipMode, vxlanMode } = customSpec<IPPoolSpec>(object);
    if (cidr === undefined) return [];
    const pool = parseCIDR(cidr);
    if (!pool)
      return [invalid('spec.cidr', cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
    const errors: FieldError[] = [];
    if (blockSize !== undefined) {
      const [low, high] = pool.family === 4 ? [20, 32] : [116, 128];
      if (blockSize < low || blockSize > high) {
        errors.push(invalid('spec.blockSize', blockSize, `must be between ${low} and ${high}, inclusive`));
      } else if (blockSize < pool.length) {
        errors.push(
          invalid('spec.blockSize', blockSize, 'IP pool size is too small for use with Calico IPAM'),
        );
      }
    }
    if (tunnels(ipipMode) && tunnels(vxlanMode)) {
      errors.push(
        invalid('spec.vxlanMode', vxlanMode ?? '', 'IPIPMode and VXLANMode cannot both be enabled'),
      );
    }
    return errors;
  },
});
