import { BLOCK_AFFINITIES, IPAM_BLOCKS, IPAM_HANDLES } from '../../../api/client/index.ts';
import type { ObjectMappings } from '../datastore/index.ts';
import {
  type AllocationBlock,
  affinityKey,
  type BlockAffinity,
  blockKey,
  type IpamHandle,
  type IpamKinds,
} from './objects.ts';

/** Names are DNS subdomains (RFC 1123), which know no capital letters. */
const name = (key: string): string => key.toLowerCase();

/**
 * IPAM's objects as custom resources, with the names and specs of libcalico-go (lib/backend/k8s/resources, ipam_block.go,
 * ipam_affinity.go and ipam_handle.go). What is required by the schemas and of no use here is written as Calico does
 * where it does not use it; fields of later versions are carried along.
 */
export const IPAM_RESOURCES: ObjectMappings<IpamKinds> = {
  IPAMBlock: {
    resource: IPAM_BLOCKS,
    name,
    key: ({ cidr }) => blockKey(cidr),
    toSpec: ({ affinity, ...rest }) => ({
      deleted: false,
      strictAffinity: false,
      ...rest,
      ...(affinity === null ? {} : { affinity }),
    }),
    fromSpec: (spec) => ({ affinity: null, ...spec }) as AllocationBlock,
  },
  BlockAffinity: {
    resource: BLOCK_AFFINITIES,
    name,
    key: ({ node, cidr }) => affinityKey(node, cidr),
    // A text in this kind: older releases of Calico wrote it so.
    toSpec: (affinity) => ({ deleted: 'false', ...affinity }),
    fromSpec: (spec) => spec as BlockAffinity,
  },
  IPAMHandle: {
    resource: IPAM_HANDLES,
    name,
    key: ({ handleID }) => handleID,
    toSpec: (handle) => ({ deleted: false, ...handle }),
    fromSpec: (spec) => spec as IpamHandle,
  },
};
