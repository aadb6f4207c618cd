import type { ClusterConfig } from '../api/cluster.ts';
import type { Topology } from './topology.ts';

/** What the nodes are told about the cluster: the topology without what only the host side needs. Pure. */
export function toClusterConfig(topology: Topology): ClusterConfig {
  const { cluster } = topology;
  return {
    lab: topology.name,
    podCIDR: cluster.podCIDR,
    blockSize: cluster.blockSize,
    serviceCIDR: cluster.serviceCIDR,
    clusterDNS: cluster.clusterDNS,
    clusterDomain: cluster.clusterDomain,
    encapsulation: cluster.encapsulation,
    mtu: cluster.mtu,
    natOutgoing: cluster.natOutgoing,
    strictAffinity: cluster.strictAffinity,
    reservedCIDRs: cluster.reservedCIDRs,
    bgp: { ...cluster.bgp },
    kubeProxy: { ...cluster.kubeProxy },
    controllers: { ...cluster.controllers },
    loadBalancer:
      cluster.loadBalancer.apiAddress === undefined ? {} : { apiAddress: cluster.loadBalancer.apiAddress },
    nodes: topology.nodes.map((node) => ({
      name: node.name,
      nodeName: node.nodeName,
      role: node.role,
      address: node.interface.address,
      prefixLength: node.interface.prefixLength,
      interface: node.interface.name,
      ...(node.interface.mac === undefined ? {} : { mac: node.interface.mac }),
      ...(node.podBlock === undefined ? {} : { podBlock: node.podBlock }),
    })),
  };
}
