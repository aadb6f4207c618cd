import { createHash } from 'node:crypto';

/**
 * Name of the host end of a pod's veth pair, 15 characters (IFNAMSIZ − 1): Calico takes the first 11 hex digits of the
 * SHA-1 of `namespace.pod` (libcalico-go lib/backend/k8s/conversion, VethNameForWorkload).
 *
 * @param prefix Felix' InterfacePrefix
 */
export function vethName(namespace: string, pod: string, prefix = 'cali'): string {
  return prefix + createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11);
}
