import * as z from 'zod';
import { podCidrFault, poolRangeFault, reservedCidrFault, serviceCidrFault } from './checks/address.ts';
import { domainFault, poolNameFault } from './checks/name.ts';
import {
  asNumberFault,
  blockSizeFault,
  countFault,
  graceFault,
  holdTimeFault,
  keepaliveFault,
  mtuFault,
  nodePortFault,
  periodFault,
} from './checks/number.ts';
import { DEFAULTS } from './defaults.ts';
import { address, integer, text } from './schema-fields.ts';

/** Spellings of the encapsulation: the lab's, and those of Calico's `ipipMode`. */
export const ENCAPSULATIONS = {
  ipip: 'Always',
  'ipip-cross-subnet': 'CrossSubnet',
  none: 'Never',
  Always: 'Always',
  CrossSubnet: 'CrossSubnet',
  Never: 'Never',
} as const;

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

const kubeProxy = z.strictObject({
  rules: z.enum(['1.20', '1.30']).optional().meta({
    description: "Layout of kube-proxy's rules: the white paper's (1.20) or today's (1.30).",
    default: DEFAULTS.kubeProxyRules,
  }),
  syncPeriod: integer(periodFault, 0, 86_400, 'Seconds between two repairs of all rules; 0 is never.', 30)
    .optional()
    .meta({ default: DEFAULTS.kubeProxySyncPeriod }),
  minSyncPeriod: integer(periodFault, 0, 86_400, 'Milliseconds between two transactions at least.', 0)
    .optional()
    .meta({ default: DEFAULTS.kubeProxyMinSyncPeriod }),
});

const controllers = z.strictObject({
  nodeMonitorGracePeriod: integer(
    graceFault,
    1,
    3600,
    'Seconds without a heartbeat after which a node is NotReady.',
    40,
  )
    .optional()
    .meta({ default: DEFAULTS.nodeMonitorGracePeriod }),
  podEvictionTimeout: integer(
    periodFault,
    0,
    86_400,
    'Seconds after which the pods of a node that is not ready are evicted.',
    300,
  )
    .optional()
    .meta({ default: DEFAULTS.podEvictionTimeout }),
});

const nodePort = (description: string, example: number) =>
  integer(nodePortFault, 30000, 32767, description, example).optional();

const ingress = z.strictObject({
  clusterIP: address("Address of the controller's service in the cluster.", '10.96.179.211').optional(),
  loadBalancerIP: address('Its load-balancer address, of one of the pools.', '10.1.110.105').optional(),
  httpNodePort: nodePort('Node port of HTTP.', 32045),
  httpsNodePort: nodePort('Node port of HTTPS.', 30888),
  defaultBackendIP: address("Address of the default backend's service.", '10.96.222.183').optional(),
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

/** The `cluster` section. */
export const cluster = z.strictObject({
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
  reservedCIDRs: z
    .array(text(reservedCidrFault, 'A CIDR; a single address is a /32.', '192.168.8.222/32'))
    .optional()
    .meta({
      description:
        'Addresses that no pod gets by itself, only by asking with the annotation cni.projectcalico.org/ipAddrs (an IPReservation of Calico).',
    }),
  bgp: bgp.optional().meta({ description: 'The mesh of BGP sessions between the nodes.' }),
  kubeProxy: kubeProxy.optional().meta({ description: 'From services to iptables rules.' }),
  controllers: controllers.optional().meta({ description: 'Timing of the controllers.' }),
  ingress: ingress.optional().meta({
    description: 'An nginx ingress controller on the workers. What is left out of it, the cluster chooses.',
  }),
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
      pools: z
        .array(pool.meta({ description: 'A pool of addresses.' }))
        .optional()
        .meta({ description: 'Where these addresses come from.' }),
      apiAddress: address(
        'A virtual address of the API server, which the control plane answers ARP for; none when it is left out.',
        '10.1.110.100',
      ).optional(),
    })
    .optional()
    .meta({ description: 'Addresses of services of type LoadBalancer.' }),
});
