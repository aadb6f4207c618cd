import * as z from 'zod';
import { APPS } from './apps.ts';
import { blockFault, subnetFault } from './checks/address.ts';
import { labNameFault, machineNameFault, nodeNameFault } from './checks/name.ts';
import { mtuFault } from './checks/number.ts';
import { DEFAULTS } from './defaults.ts';
import { cluster } from './schema-cluster.ts';
import { address, integer, interfaceName, mac, networkName, record, text } from './schema-fields.ts';

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
  interfaces: record(
    routerInterface.meta({ description: "The router's interface in a network." }),
    'The networks the router connects, by name of the network.',
  ),
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
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .meta({
      description: "Command instead of `sleep infinity`; the host's image is the toolbox.",
      examples: [['sleep', 'infinity']],
    }),
  dns: z
    .strictObject({
      records: z
        .record(z.string(), address('What the name stands for.', '203.0.113.10'))
        .optional()
        .meta({
          description: 'Names besides those of the machines, which it knows by itself.',
          examples: [{ 'www.example.com': '203.0.113.10' }],
        }),
    })
    .optional()
    .meta({ description: 'The host is a DNS server: it knows these names and no others, and asks nobody.' }),
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

/** The topology file, as people write it. Rules that look at more than one value are under rules/. */
export const topologySchema = z
  .strictObject({
    name: text(labNameFault, 'Name of the lab.', 'iks'),
    networks: record(network.meta({ description: 'A network.' }), 'The wires, by name.'),
    router: router.meta({ description: 'The router between the networks.' }),
    hosts: record(
      host.meta({ description: 'A host.' }),
      'Containers outside the cluster, by name.',
    ).optional(),
    nodes: record(
      node.meta({ description: 'A node.' }),
      'Nodes of the cluster, by the short name that people type.',
    ),
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
    apps: z
      .array(z.enum(APPS))
      .optional()
      .meta({
        description:
          'Applications that the lab comes with: the manifests of apps/NAME, each with its Ingress.',
        examples: [['guestbook', 'wordpress']],
      }),
  })
  .meta({
    title: 'hoplab topology',
    description: 'A lab: networks, router, hosts, nodes and the cluster on them.',
  });

/** The file's content once it has no mistakes. */
export type TopologyFile = z.output<typeof topologySchema>;
