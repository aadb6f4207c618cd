import { cidrRange, formatCidr, inRange, parseAddress } from './address.ts';
import { addressFault } from './checks/address.ts';
import type { Draft } from './draft.ts';
import { type Finding, show } from './fault.ts';

/** Calico's annotation that pins the addresses of a pod: a JSON list of one address. */
export const ADDRESS_ANNOTATION = 'cni.projectcalico.org/ipAddrs';

/**
 * What is wrong with the address a pod asks for.
 *
 * @param value the annotation's value
 * @param pod namespace and name
 * @param pinned addresses already asked for, with the pod that did; added to
 */
export function pinnedAddressFindings(
  value: unknown,
  pod: string,
  draft: Draft,
  pinned: Map<string, string>,
): Finding[] {
  if (value === undefined) return [];
  const path = ['metadata', 'annotations', ADDRESS_ANNOTATION];
  const addresses = listOf(value);
  if (addresses?.length !== 1 || typeof addresses[0] !== 'string') {
    return [
      {
        path,
        message: `${show(value)} is not a list of one address`,
        rule: `${ADDRESS_ANNOTATION} is text: a JSON list of the pod's address`,
        right: `'["192.168.104.115"]'`,
      },
    ];
  }
  const [text] = addresses;
  const fault = addressFault(text);
  if (fault) return [{ path, ...fault }];
  const { podCIDR } = draft.cluster;
  const address = parseAddress(text);
  if (podCIDR && address !== undefined && !inRange(cidrRange(podCIDR), address)) {
    return [
      {
        path,
        message: `${text} is not in the pod CIDR ${formatCidr(podCIDR)}`,
        rule: 'the address of a pod is one of the pod CIDR',
        right: `an address of ${formatCidr(podCIDR)}, or no annotation`,
      },
    ];
  }
  const before = pinned.get(text);
  if (before !== undefined) {
    return [
      {
        path,
        message: `${text} is the address of the pod ${before} already`,
        rule: 'a pod has an address of its own',
        right: 'another address, or no annotation',
      },
    ];
  }
  pinned.set(text, pod);
  return [];
}

function listOf(value: unknown): unknown[] | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
