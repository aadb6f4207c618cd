import { customResource, flag, integer, text, texts } from './custom.ts';
import type { Definition } from './definition.ts';

const own = (name: string): string => `org.projectcalico.crd.v1.${name}`;

/** Calico's resources in Kubernetes: the CRDs of Calico 3.25 (crd.projectcalico.org/v1), as far as the lab uses them. */
export const calicoDefinitions: Readonly<Record<string, Definition>> = {
  ...customResource(own('IPPool'), 'IPPool is a range of addresses for workloads.', {
    description: 'IPPoolSpec contains the specification for an IPPool resource.',
    properties: {
      allowedUses: texts(
        'AllowedUse controls what the IP pool will be used for. If not specified or empty, defaults to ["Tunnel", "Workload"] for back-compatibility',
      ),
      blockSize: integer(
        'The block size to use for IP address assignments from this pool. Defaults to 26 for IPv4 and 122 for IPv6.',
      ),
      cidr: text('The pool CIDR.'),
      disableBGPExport: flag('Disable exporting routes from this IP Pool’s CIDR over BGP. [Default: false]'),
      disabled: flag('When disabled is true, Calico IPAM will not assign addresses from this pool.'),
      ipipMode: {
        ...text(
          'Contains configuration for IPIP tunneling for this pool. If not specified, then this is defaulted to "Never" (i.e. IPIP tunneling is disabled).',
        ),
        enum: ['Always', 'CrossSubnet', 'Never'],
      },
      natOutgoing: flag(
        'When nat-outgoing is true, packets sent from Calico networked containers in this pool to destinations outside of this pool will be masqueraded.',
      ),
      nodeSelector: text('Allows IPPool to allocate for a specific node by label selector.'),
      vxlanMode: {
        ...text(
          'Contains configuration for VXLAN tunneling for this pool. If not specified, then this is defaulted to "Never" (i.e. VXLAN tunneling is disabled).',
        ),
        enum: ['Always', 'CrossSubnet', 'Never'],
      },
    },
    required: ['cidr'],
  }),
  ...customResource(own('BlockAffinity'), 'BlockAffinity is the claim of a node on a block of addresses.', {
    description: 'BlockAffinitySpec contains the specification for a BlockAffinity resource.',
    properties: {
      cidr: text('The block, e.g. 192.168.8.192/26.'),
      deleted: text(
        'Deleted indicates that this block affinity is being deleted. This field is a string for compatibility with older releases that mistakenly treat this field as a string.',
      ),
      node: text('The node that claims the block.'),
      state: text('pending, confirmed or pendingDeletion.'),
    },
    required: ['cidr', 'deleted', 'node', 'state'],
  }),
  ...customResource(own('IPAMBlock'), 'IPAMBlock is a block of addresses and who has which of them.', {
    description: 'IPAMBlockSpec contains the specification for an IPAMBlock resource.',
    properties: {
      affinity: text(
        'Affinity of the block, if this block has one. If set, it will be of the form "host:<hostname>". If not set, this block is not affine to a host.',
      ),
      allocations: {
        type: 'array',
        items: { type: 'integer' },
        description:
          'Array of allocations in-use within this block. nil entries mean the allocation is free. For non-nil entries at index i, the index is the ordinal of the allocation within this block and the value is the index of the associated attributes in the Attributes array.',
      },
      attributes: {
        type: 'array',
        items: { ref: own('AllocationAttribute') },
        description:
          'Attributes is an array of arbitrary metadata associated with allocations in the block. To find attributes for a given allocation, use the value of the allocation’s entry in the Allocations array as the index of the element in this array.',
      },
      cidr: text('The block’s CIDR.'),
      deleted: flag(
        'Deleted is an internal boolean used to workaround a limitation in the Kubernetes API whereby deletion will not return a conflict error if the block has been updated.',
      ),
      sequenceNumber: integer('We store a sequence number that is updated each time the block is written.'),
      sequenceNumberForAllocation: {
        type: 'object',
        additional: { type: 'integer' },
        description:
          'Map of allocated ordinal within the block to sequence number of the block at the time of allocation.',
      },
      strictAffinity: flag(
        'StrictAffinity on the IPAMBlock is deprecated and no longer used by the code. Use IPAMConfig StrictAffinity instead.',
      ),
      unallocated: {
        type: 'array',
        items: { type: 'integer' },
        description: 'Unallocated is an ordered list of allocations which are free in the block.',
      },
    },
    required: ['allocations', 'attributes', 'cidr', 'strictAffinity', 'unallocated'],
  }),
  [own('AllocationAttribute')]: {
    properties: {
      handle_id: text('The handle that the address belongs to.'),
      secondary: { type: 'object', additional: { type: 'string' } },
    },
  },
  ...customResource(own('IPAMHandle'), 'IPAMHandle says in which blocks the addresses of one handle are.', {
    description: 'IPAMHandleSpec contains the specification for an IPAMHandle resource.',
    properties: {
      block: { type: 'object', additional: { type: 'integer' } },
      deleted: flag('Set while the handle is being deleted.'),
      handleID: text('The handle: name of the CNI network and container id, or ipip-tunnel-addr-NODE.'),
    },
    required: ['block', 'handleID'],
  }),
  ...customResource(own('IPAMConfig'), "IPAMConfig holds what is configured of Calico's IPAM.", {
    description: 'IPAMConfigSpec contains the specification for an IPAMConfig resource.',
    properties: {
      autoAllocateBlocks: flag('Whether nodes may claim blocks by themselves.'),
      maxBlocksPerHost: integer('How many blocks may be affine to one node; 0 is no limit.'),
      strictAffinity: flag('Whether a node may take addresses only from blocks of its own.'),
    },
    required: ['autoAllocateBlocks', 'strictAffinity'],
  }),
  ...customResource(
    own('IPReservation'),
    'IPReservation keeps addresses of the pools from being assigned automatically.',
    {
      description: 'IPReservationSpec contains the specification for an IPReservation resource.',
      properties: {
        reservedCIDRs: texts(
          'ReservedCIDRs is a list of CIDRs and/or IP addresses that Calico IPAM will exclude from new allocations.',
        ),
      },
    },
  ),
  ...customResource(
    own('WorkloadEndpoint'),
    'WorkloadEndpoint is the interface of a pod as Calico sees it: a view of the Pod.',
    {
      description: 'WorkloadEndpointSpec holds the specification of a workload endpoint.',
      properties: {
        containerID: text('The sandbox the interface is in.'),
        endpoint: text('Name of the interface in the pod.'),
        interfaceName: text('Name of the interface on the node, e.g. cali21ac0ad37cb.'),
        ipNetworks: texts('The addresses of the pod, as CIDRs.'),
        node: text('The node the pod runs on.'),
        orchestrator: text('k8s'),
        pod: text('The name of the pod.'),
        profiles: texts('The profiles of the namespace and of the service account.'),
        serviceAccountName: text('The service account of the pod.'),
      },
    },
  ),
};
