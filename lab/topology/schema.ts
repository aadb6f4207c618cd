import * as z from 'zod';
import {
  addressFault,
  blockFault,
  macFault,
  podCidrFault,
  poolRangeFault,
  serviceCidrFault,
  subnetFault,
} from './checks/address.ts';
import {
  domainFault,
  interfaceNameFault,
  labNameFault,
  machineNameFault,
  nodeNameFault,
  poolNameFault,
} from './checks/name.ts';
import {
  asNumberFault,
  blockSizeFault,
  countFault,
  holdTimeFault,
  keepaliveFault,
  mtuFault,
} from './checks/number.ts';
import { DEFAULTS } from './defaults.ts';
import type { Check } from './fault.ts';

/** Spellings of the encapsulation: the lab's, and those of Calico's `ipipMode`. */
export const ENCAPSULATIONS = {
  ipip: 'Always',
  'ipip-cross-subnet': 'CrossSubnet',
  none: 'Never',
  Always: 'Always',
  CrossSubnet: 'CrossSubnet',
  Never: 'Never',
} as const;

function checked<S extends z.ZodType>(schema: S, check: Check<z.output<S>>): S {
  return schema.check((ctx) => {
    const fault = check(ctx.value);
    if (fault)
      ctx.issues.push({ code: 'custom', input: ctx.value, message: fault.message, params: { ...fault } });
  });
}

function text(check: Check<string>, description: string, example: string) {
  return checked(z.string(), check).meta({ description, examples: [example] });
}

function integer(
  check: Check<number>,
  minimum: number,
  maximum: number,
  description: string,
  example: number,
) {
  return checked(z.number(), check).meta({
    type: 'integer',
    minimum,
    maximum,
    description,
    examples: [example],
  });
}

const LABEL_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

// The keys of a record are judged by rules/names.ts: Zod would leave the value of a bad key unread.
function record<S extends z.ZodType>(value: S, description: string) {
  return z
    .record(z.string(), value)
    .meta({ description, propertyNames: { pattern: LABEL_PATTERN, maxLength: 63 } });
}

const address = (description: string, example: string) => text(addressFault, description, example);
const mac = text(
  macFault,
  'MAC of the interface; Docker chooses one when it is left out.',
  '00:50:56:93:1c:47',
).optional();
const networkName = (description: string) => z.string().meta({ description, examples: ['nodes'] });
const interfaceName = (description: string, example: string) =>
  text(interfaceNameFault, description, example).optional();

const network = z.strictObject({
  subnet: text(subnetFault, 'Addresses of the network.', '10.1.110.0/24'),
  mtu: integer(mtuFault, 68, 65535, 'MTU of the wire in bytes.', 1500)
    .optional()
    .meta({ default: DEFAULTS.networkMtu }),
});

const routerInterface = z.strictObject({
  address: address("The router's address: the gateway of the network.", '10.1.110.254'),
  mac,
  interface: interfaceName('Name of the interface; the name of the network when it is left out.', 'nodes'),
});

const router = z.strictObject({
  name: text(machineNameFault, 'Name of the router.', 'router')
    .optional()
    .meta({ default: DEFAULTS.routerName }),
  interfaces: record(routerInterface, 'The networks the router connects, by name of the network.'),
  masquerade: z
    .array(networkName('A network.'))
    .optional()
    .meta({ description: 'Networks towards which the router replaces the source address by its own (NAT).' }),
});

const host = z.strictObject({
  network: networkName('The network the host is in.'),
  address: address('Address of the host.', '10.1.0.89'),
  mac,
  interface: interfaceName('Name of the interface.', 'eth0').meta({ default: DEFAULTS.interface }),
  image: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Image the host runs.', default: DEFAULTS.image, examples: ['toolbox'] }),
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({ description: "Command instead of the image's own.", examples: [['sleep', 'infinity']] }),
});

const node = z.strictObject({
  nodeName: text(
    nodeNameFault,
    "Kubernetes' name of the node; the short name when it is left out. Calico's choice of the pod block hashes it.",
    'worker1.lab.example',
  ).optional(),
  role: z.enum(['control-plane', 'worker']).meta({ description: 'What the node is for.' }),
  network: networkName('The network the node is in.'),
  address: address('Address of the node.', '10.1.110.102'),
  interface: interfaceName('Name of the interface.', 'ens192').meta({ default: DEFAULTS.interface }),
  mac,
  podBlock: text(
    blockFault,
    "Calico's block of pod addresses for this node; Calico chooses one when it is left out.",
    '192.168.104.64/26',
  ).optional(),
});

const bgp = z.strictObject({
  asNumber: integer(asNumberFault, 1, 4294967294, 'AS number of all nodes.', 64512)
    .optional()
    .meta({ default: DEFAULTS.asNumber }),
  keepaliveTime: integer(keepaliveFault, 1, 21845, 'Seconds between keepalives.', 5)
    .optional()
    .meta({ default: DEFAULTS.keepaliveTime }),
  holdTime: integer(holdTimeFault, 3, 65535, 'Seconds of silence after which a peer is taken for dead.', 15)
    .optional()
    .meta({ default: DEFAULTS.holdTime }),
});

const pool = z.strictObject({
  name: text(poolNameFault, 'Name of the pool.', 'auto-assign-pool'),
  addresses: z
    .array(text(poolRangeFault, 'A CIDR, or a range from-to.', '10.1.110.105-10.1.110.106'))
    .min(1)
    .meta({
      description: 'Addresses of the pool, inside the network of the nodes.',
      examples: [['10.1.110.104/32']],
    }),
  autoAssign: z
    .boolean()
    .optional()
    .meta({
      description: 'Whether services get addresses of the pool without asking for one.',
      default: true,
      examples: [true],
    }),
});

const cluster = z.strictObject({
  podCIDR: text(podCidrFault, 'Addresses of pods, at least 64 (one block) per node.', '192.168.0.0/16'),
  blockSize: integer(blockSizeFault, 20, 32, "Prefix length of Calico's blocks.", 26)
    .optional()
    .meta({ default: DEFAULTS.blockSize }),
  serviceCIDR: text(serviceCidrFault, 'Addresses of services, between /8 and /24.', '10.96.0.0/16'),
  clusterDNS: address(
    "Address of the cluster's DNS service; the tenth of the service CIDR when it is left out.",
    '10.96.0.10',
  ).optional(),
  clusterDomain: text(domainFault, 'DNS domain of the cluster.', 'cluster.local')
    .optional()
    .meta({ default: DEFAULTS.clusterDomain }),
  encapsulation: z
    .enum(Object.keys(ENCAPSULATIONS) as [keyof typeof ENCAPSULATIONS])
    .optional()
    .meta({ description: 'When packets between nodes are put into IP in IP.', default: 'ipip' }),
  mtu: integer(
    mtuFault,
    68,
    65535,
    'MTU of pods in bytes; the MTU of the wire, less 20 for IP in IP, when it is left out.',
    1480,
  ).optional(),
  natOutgoing: z
    .boolean()
    .optional()
    .meta({
      description: "Replace the source address of packets that leave the pods' addresses by the node's.",
      default: DEFAULTS.natOutgoing,
      examples: [true],
    }),
  strictAffinity: z
    .boolean()
    .optional()
    .meta({
      description: "Never borrow an address from another node's block.",
      default: DEFAULTS.strictAffinity,
      examples: [false],
    }),
  bgp: bgp.optional().meta({ description: 'The mesh of BGP sessions between the nodes.' }),
  nodeDNS: z
    .strictObject({
      servers: z
        .array(address('A DNS server.', '10.1.0.53'))
        .optional()
        .meta({ description: 'DNS servers of the nodes.' }),
      search: z
        .array(text(domainFault, 'A search domain.', 'lab.example'))
        .optional()
        .meta({ description: 'Search domains of the nodes.' }),
    })
    .optional()
    .meta({ description: "The nodes' resolv.conf." }),
  loadBalancer: z
    .strictObject({
      count: integer(
        countFault,
        0,
        65536,
        'How many addresses services of type LoadBalancer may get; all when it is left out.',
        3,
      ).optional(),
      pools: z.array(pool).optional().meta({ description: 'Where these addresses come from.' }),
    })
    .optional()
    .meta({ description: 'Addresses of services of type LoadBalancer.' }),
});

/** The topology file, as people write it. Rules that look at more than one value are under rules/. */
export const topologySchema = z
  .strictObject({
    name: text(labNameFault, 'Name of the lab.', 'iks'),
    networks: record(network, 'The wires, by name.'),
    router: router.meta({ description: 'The router between the networks.' }),
    hosts: record(host, 'Containers outside the cluster, by name.').optional(),
    nodes: record(node, 'Nodes of the cluster, by the short name that people type.'),
    cluster: cluster.meta({ description: "The cluster's own ranges and settings." }),
    pods: z
      .array(
        z
          .string()
          .min(1)
          .meta({
            description: 'A file of v1 Pods, relative to this one.',
            examples: ['pods/frontend.yaml'],
          }),
      )
      .optional()
      .meta({ description: 'Pods of the lab.' }),
  })
  .meta({
    title: 'hoplab topology',
    description: 'A lab: networks, router, hosts, nodes and the cluster on them.',
  });

/** The file's content once it has no mistakes. */
export type TopologyFile = z.output<typeof topologySchema>;
