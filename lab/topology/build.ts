import { dirname, resolve } from 'node:path';
import { hostAddress, parseRange, prefixLength, rangeSize } from './address.ts';
import { DEFAULTS, DNS_OFFSET, IPIP_OVERHEAD } from './defaults.ts';
import type { TopologyFile } from './schema.ts';
import { ENCAPSULATIONS } from './schema-cluster.ts';
import type { Cluster, Interface, Topology } from './topology.ts';

/**
 * The topology of a file without mistakes, with everything filled in that the file need not say.
 *
 * @param file path of the file; manifests are found from its folder
 */
export function buildTopology(content: TopologyFile, file: string): Topology {
  const absolute = resolve(file);
  const subnet = (network: string): string => content.networks[network]?.subnet ?? '';
  const gateway = (network: string): string => content.router.interfaces[network]?.address ?? '';
  const attach = (
    at: { network: string; address: string; mac?: string | undefined },
    name: string,
  ): Interface => ({
    network: at.network,
    address: at.address,
    prefixLength: prefixLength(subnet(at.network)),
    name,
    ...(at.mac === undefined ? {} : { mac: at.mac.toLowerCase() }),
  });
  return {
    name: content.name,
    file: absolute,
    networks: Object.fromEntries(
      Object.entries(content.networks).map(([name, network]) => [
        name,
        { name, subnet: network.subnet, mtu: network.mtu ?? DEFAULTS.networkMtu },
      ]),
    ),
    router: {
      name: content.router.name ?? DEFAULTS.routerName,
      interfaces: Object.entries(content.router.interfaces).map(([network, at]) =>
        attach({ ...at, network }, at.interface ?? network),
      ),
      masquerade: content.router.masquerade ?? [],
    },
    hosts: Object.fromEntries(
      Object.entries(content.hosts ?? {}).map(([name, host]) => [
        name,
        {
          name,
          interface: attach(host, host.interface ?? DEFAULTS.interface),
          gateway: gateway(host.network),
          ...(host.command ? { command: host.command } : {}),
          ...(host.dns ? { dns: { records: host.dns.records ?? {} } } : {}),
        },
      ]),
    ),
    cluster: buildCluster(content),
    nodes: Object.entries(content.nodes).map(([name, node]) => ({
      name,
      nodeName: node.nodeName ?? name,
      role: node.role,
      interface: attach(node, node.interface ?? DEFAULTS.interface),
      gateway: gateway(node.network),
      ...(node.podBlock === undefined ? {} : { podBlock: node.podBlock }),
    })),
    pods: (content.pods ?? []).map((path) => ({ path: resolve(dirname(absolute), path) })),
    ...(content.apps ? { apps: [...new Set(content.apps)] } : {}),
  };
}

function buildCluster(content: TopologyFile): Cluster {
  const { cluster } = content;
  const encapsulation = ENCAPSULATIONS[cluster.encapsulation ?? DEFAULTS.encapsulation];
  const wires = Object.values(content.nodes).map(
    (node) => content.networks[node.network]?.mtu ?? DEFAULTS.networkMtu,
  );
  const overhead = encapsulation === 'Never' ? 0 : IPIP_OVERHEAD;
  const pools = cluster.loadBalancer?.pools ?? [];
  const addresses = pools.flatMap((pool) => pool.addresses.flatMap((text) => parseRange(text) ?? []));
  return {
    podCIDR: cluster.podCIDR,
    blockSize: cluster.blockSize ?? DEFAULTS.blockSize,
    serviceCIDR: cluster.serviceCIDR,
    clusterDNS: cluster.clusterDNS ?? hostAddress(cluster.serviceCIDR, DNS_OFFSET),
    clusterDomain: cluster.clusterDomain ?? DEFAULTS.clusterDomain,
    encapsulation,
    mtu: cluster.mtu ?? Math.min(...wires) - overhead,
    natOutgoing: cluster.natOutgoing ?? DEFAULTS.natOutgoing,
    strictAffinity: cluster.strictAffinity ?? DEFAULTS.strictAffinity,
    reservedCIDRs: cluster.reservedCIDRs ?? [],
    bgp: {
      asNumber: cluster.bgp?.asNumber ?? DEFAULTS.asNumber,
      keepaliveTime: cluster.bgp?.keepaliveTime ?? DEFAULTS.keepaliveTime,
      holdTime: cluster.bgp?.holdTime ?? DEFAULTS.holdTime,
    },
    kubeProxy: {
      rules: cluster.kubeProxy?.rules ?? DEFAULTS.kubeProxyRules,
      syncPeriod: cluster.kubeProxy?.syncPeriod ?? DEFAULTS.kubeProxySyncPeriod,
      minSyncPeriod: cluster.kubeProxy?.minSyncPeriod ?? DEFAULTS.kubeProxyMinSyncPeriod,
    },
    controllers: {
      nodeMonitorGracePeriod: cluster.controllers?.nodeMonitorGracePeriod ?? DEFAULTS.nodeMonitorGracePeriod,
      podEvictionTimeout: cluster.controllers?.podEvictionTimeout ?? DEFAULTS.podEvictionTimeout,
    },
    ...(cluster.ingress === undefined ? {} : { ingress: { ...cluster.ingress } }),
    nodeDNS: { servers: cluster.nodeDNS?.servers ?? [], search: cluster.nodeDNS?.search ?? [] },
    loadBalancer: {
      count: cluster.loadBalancer?.count ?? addresses.reduce((sum, range) => sum + rangeSize(range), 0),
      pools: pools.map((pool) => ({
        name: pool.name,
        addresses: pool.addresses,
        autoAssign: pool.autoAssign ?? true,
      })),
      ...(cluster.loadBalancer?.apiAddress === undefined
        ? {}
        : { apiAddress: cluster.loadBalancer.apiAddress }),
    },
  };
}
