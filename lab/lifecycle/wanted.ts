import { CLUSTER_CONFIG_PATH, NODE_ENV } from '../api/cluster.ts';
import {
  type BuiltImage,
  type ContainerSpec,
  IMAGE_VOLUME,
  NETWORK_FILE_PATH,
  type NetworkLink,
  type NetworkSpec,
  objectName,
  renderNetworkFile,
} from '../engine/index.ts';
import {
  bridgeAddress,
  type Host,
  type Interface,
  type Node,
  type Topology,
  toClusterConfig,
} from '../topology/index.ts';
import { MANIFEST_DIRS, type Manifest } from './manifests.ts';
import { OUTSIDE_DNS_COMMAND, OUTSIDE_DNS_PATH, outsideDnsConfig } from './outside-dns.ts';
import type { WantedLab } from './plan.ts';
import { STORE_PATH } from './system/control-plane.ts';

/** Images of the lab that pods can use by their short names; hosts and the router run the last. */
export const POD_IMAGES = ['nginx', 'debian', 'toolbox'] as const;

export type LabImages = Readonly<Record<'node' | (typeof POD_IMAGES)[number], BuiltImage>>;

/**
 * What each capability is for. No container is privileged. Nodes have Docker's defaults besides, because the pods in
 * them get those; router and hosts have these and no others.
 */
export const CAPABILITIES: Readonly<Record<string, readonly ContainerSpec['role'][]>> = {
  /** Interfaces, routes, iptables, ipsets. */
  NET_ADMIN: ['node', 'router', 'host'],
  /** Mounts, and namespaces for pods (crun); writing net.* sysctls. */
  SYS_ADMIN: ['node'],
  /** ping, tcpdump, arping. */
  NET_RAW: ['router', 'host'],
  /** Servers of a scenario on ports below 1024. */
  NET_BIND_SERVICE: ['router', 'host'],
  /** tcpdump gives its rights up and becomes another user, in an empty root. */
  SETUID: ['router', 'host'],
  SETGID: ['router', 'host'],
  SYS_CHROOT: ['router', 'host'],
  /** tini passes signals on to programs of other users. */
  KILL: ['router', 'host'],
  /** Writing files of other users, such as tcpdump's. */
  DAC_OVERRIDE: ['router', 'host'],
  CHOWN: ['router', 'host'],
};

const capabilitiesOf = (role: ContainerSpec['role']) =>
  Object.entries(CAPABILITIES)
    .filter(([, roles]) => roles.includes(role))
    .map(([name]) => name);

/** Rights of the machines around the cluster: nothing but what is listed. */
const confined = (role: 'router' | 'host') => ({
  capAdd: capabilitiesOf(role),
  capDrop: ['ALL'],
  noNewPrivileges: true,
});

/**
 * Everything a topology asks of the engine. Pure.
 *
 * @param images tags of the images the containers run
 * @param manifests by the node's short name
 * @param identity the cluster's authority and tokens
 */
export function wantedLab(
  topology: Topology,
  images: LabImages,
  manifests: ReadonlyMap<string, readonly Manifest[]>,
  identity: Pick<WantedLab, 'pki' | 'newAuthority'>,
): WantedLab {
  return {
    lab: topology.name,
    topology,
    hosts: hostsFile(topology),
    ...identity,
    networks: networkSpecs(topology),
    volumes: [...topology.nodes.map(({ name }) => kubeletVolume(name)), STORE_VOLUME],
    containers: [
      routerSpec(topology, images.toolbox.tag),
      ...topology.nodes.map((node) => nodeSpec(topology, node, images.node.tag)),
      ...Object.values(topology.hosts).map((host) => hostSpec(topology, host, images.toolbox.tag)),
    ],
    manifests,
  };
}

/** Where the kubelet looks for pods' images. */
const IMAGE_STORE_PATH = '/var/lib/hoplab/images';

/** The toolbox image is a pod's too, so it does not start with lab-init by itself. */
const LAB_INIT = ['/usr/bin/tini', '--', '/usr/local/sbin/lab-init'];

/** A gratuitous ARP when a link comes up: after a restart the neighbours may hold another MAC. */
const ANNOUNCE = { 'net.ipv4.conf.all.arp_notify': '1' };

/** The API server's store. */
const STORE_VOLUME = 'apiserver';
const kubeletVolume = (node: string) => `${node}-kubelet`;

function networkSpecs(topology: Topology): NetworkSpec[] {
  return Object.values(topology.networks).map(({ name, subnet, mtu }) => ({
    lab: topology.name,
    name,
    subnet,
    mtu,
    dockerGateway: bridgeAddress(topology, name),
  }));
}

const linkOf = (
  topology: Topology,
  { name, network, address, prefixLength, mac }: Interface,
): NetworkLink => ({
  name,
  address,
  prefixLength,
  mac,
  mtu: topology.networks[network]?.mtu ?? 1500,
});

const networkOf = (topology: Topology, { network, address }: Interface) => ({
  network: objectName(topology.name, network),
  address,
});

/**
 * hosts(5) lines of all machines, so that names work wherever a person types. They are not part of a container's
 * specification: a machine more or less is no reason to restart the others.
 */
const hostsFile = (topology: Topology): string => {
  const entries = [
    ...topology.nodes.map((node) => ({
      address: node.interface.address,
      names: [...new Set([node.name, node.nodeName])],
    })),
    ...Object.values(topology.hosts).map((host) => ({ address: host.interface.address, names: [host.name] })),
  ];
  return entries.map(({ address, names }) => `${address} ${names.join(' ')}\n`).join('');
};

function nodeSpec(topology: Topology, node: Node, image: string): ContainerSpec {
  const { nodeDNS, encapsulation } = topology.cluster;
  const tunnelled = encapsulation !== 'Never';
  const network = renderNetworkFile({
    links: [linkOf(topology, node.interface)],
    routes: [{ destination: 'default', via: node.gateway }],
    nameservers: nodeDNS.servers,
    search: nodeDNS.search,
    sysctls: { 'net.ipv4.ip_forward': 1 },
    tunl0: tunnelled,
  });
  return {
    lab: topology.name,
    name: node.name,
    role: 'node',
    image,
    hostname: node.nodeName.slice(0, 63),
    env: { [NODE_ENV]: node.name },
    networks: [networkOf(topology, node.interface)],
    capAdd: capabilitiesOf('node'),
    devices: tunnelled ? ['/dev/net/tun'] : [],
    tmpfs: { '/run': 'rw,exec,mode=755' },
    volumes: [
      { volume: IMAGE_VOLUME, path: IMAGE_STORE_PATH, readOnly: true },
      { volume: objectName(topology.name, kubeletVolume(node.name)), path: '/var/lib/kubelet' },
      ...(node.role === 'control-plane'
        ? [{ volume: objectName(topology.name, STORE_VOLUME), path: STORE_PATH }]
        : []),
    ],
    stopTimeout: 5,
    files: [
      { path: CLUSTER_CONFIG_PATH, content: `${JSON.stringify(toClusterConfig(topology), null, 2)}\n` },
      { path: '/etc/hoplab/node-name', content: `${node.name}\n` },
      { path: NETWORK_FILE_PATH, content: network },
      ...MANIFEST_DIRS.map((folder) => ({ path: `${folder}/`, content: '' })),
    ],
  };
}

/** The router: knows the lab's networks and nothing else, and masquerades towards the internet. */
function routerSpec(topology: Topology, image: string): ContainerSpec {
  const { router } = topology;
  const masquerade = router.interfaces.filter(({ network }) => router.masquerade.includes(network));
  const network = renderNetworkFile({
    links: router.interfaces.map((link) => linkOf(topology, link)),
    masquerade: masquerade.map(({ name }) => name),
  });
  return {
    lab: topology.name,
    name: router.name,
    role: 'router',
    image,
    networks: router.interfaces.map((link) => networkOf(topology, link)),
    ...confined('router'),
    entrypoint: LAB_INIT,
    command: ['sleep', 'infinity'],
    sysctls: { ...ANNOUNCE, 'net.ipv4.ip_forward': '1' },
    stopTimeout: 1,
    files: [{ path: NETWORK_FILE_PATH, content: network }],
  };
}

function hostSpec(topology: Topology, host: Host, image: string): ContainerSpec {
  const servers = Object.values(topology.hosts).filter(({ dns }) => dns !== undefined);
  const network = renderNetworkFile({
    links: [linkOf(topology, host.interface)],
    routes: [{ destination: 'default', via: host.gateway }],
    nameservers: servers.map((server) => server.interface.address),
    search: servers.length > 0 ? topology.cluster.nodeDNS.search : [],
  });
  return {
    lab: topology.name,
    name: host.name,
    role: 'host',
    image,
    networks: [networkOf(topology, host.interface)],
    ...confined('host'),
    entrypoint: LAB_INIT,
    command: host.command ?? (host.dns ? OUTSIDE_DNS_COMMAND : ['sleep', 'infinity']),
    sysctls: ANNOUNCE,
    stopTimeout: 1,
    files: [
      { path: NETWORK_FILE_PATH, content: network },
      ...(host.dns ? [{ path: OUTSIDE_DNS_PATH, content: dnsConfig(topology, host, host.dns.records) }] : []),
    ],
  };
}

/** What the world's DNS server knows: all machines, under the nodes' first search domain. */
function dnsConfig(topology: Topology, host: Host, records: Readonly<Record<string, string>>): string {
  const { router, nodes, hosts, cluster } = topology;
  const near = router.interfaces.find(({ network }) => network === nodes[0]?.interface.network);
  return outsideDnsConfig({
    listen: host.interface.address,
    domain: cluster.nodeDNS.search[0] ?? 'lab.example',
    machines: [
      ...nodes.map(({ name, nodeName, interface: { address } }) => ({ names: [name, nodeName], address })),
      ...Object.values(hosts).map(({ name, interface: { address } }) => ({ names: [name], address })),
      ...(near ? [{ names: [router.name], address: near.address }] : []),
    ],
    records,
  });
}
