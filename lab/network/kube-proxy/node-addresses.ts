import { networkInterfaces } from 'node:os';
import { contains, normalCidr } from './model/index.ts';

/**
 * The node's addresses on which node ports answer.
 *
 * @param cidrs of `--nodeport-addresses`
 * @returns undefined for all of them, when no list is given or it covers everything
 */
export function nodePortAddresses(
  cidrs: readonly string[],
  interfaces = networkInterfaces(),
): readonly string[] | undefined {
  const wanted = cidrs.flatMap((cidr) => normalCidr(cidr) ?? []);
  if (wanted.length === 0 || wanted.includes('0.0.0.0/0')) return undefined;
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, address }) => family === 'IPv4' && wanted.some((cidr) => contains(cidr, address)))
    .map(({ address }) => address);
}
