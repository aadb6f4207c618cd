/**
 * What every program inside a node is told about the cluster it belongs to. The host renders it from the
 * topology and puts it at {@link CLUSTER_CONFIG_PATH}; the in-node programs never see the topology itself.
 */
export interface ClusterConfig {
  /** Name of the lab, e.g. `iks`. */
  readonly lab: string;
  /** Addresses of pods, e.g. `192.168.0.0/16`. */
  readonly podCIDR: string;
  /** Prefix length of Calico's IPAM blocks, 26 by default. */
  readonly blockSize: number;
  /** Addresses of services, e.g. `10.96.0.0/16`. */
  readonly serviceCIDR: string;
  /** Address of the kube-dns service. */
  readonly clusterDNS: string;
  /** e.g. `cluster.local`. */
  readonly clusterDomain: string;
  readonly encapsulation: Encapsulation;
  /** MTU of pods' eth0, their cali interfaces and tunl0, in bytes. */
  readonly mtu: number;
  /** Masquerade packets from pods to addresses outside the pool (Calico's `natOutgoing`). */
  readonly natOutgoing: boolean;
  /** Never borrow an address from another node's block (Calico's `StrictAffinity`). */
  readonly strictAffinity: boolean;
  /** Addresses of pods that nobody gets who does not ask for one by name (Calico's IPReservation). */
  readonly reservedCIDRs: readonly string[];
  readonly bgp: BgpConfig;
  readonly kubeProxy: KubeProxyConfig;
  readonly controllers: ControllersConfig;
  readonly loadBalancer: LoadBalancerConfig;
  readonly nodes: readonly NodeConfig[];
}

/** The layouts of kube-proxy's rules: the white paper's (Kubernetes 1.19-1.21) and today's. */
export type RuleLayout = '1.20' | '1.30';

export interface KubeProxyConfig {
  readonly rules: RuleLayout;
  /** Seconds after which all rules are compared with the kernel's again (`--iptables-sync-period`); 0 is never. */
  readonly syncPeriod: number;
  /** Milliseconds between two transactions at least (`--iptables-min-sync-period`). */
  readonly minSyncPeriod: number;
}

export interface ControllersConfig {
  /** Seconds without a heartbeat after which a node is NotReady (`--node-monitor-grace-period`). */
  readonly nodeMonitorGracePeriod: number;
  /** Seconds after which the pods of a node that is not ready are evicted (default tolerations). */
  readonly podEvictionTimeout: number;
}

export interface LoadBalancerConfig {
  /** The control plane's virtual API address, announced by `vip-manager`; undefined where there is none. */
  readonly apiAddress?: string | undefined;
}

/** Calico's `ipipMode` of the pool. */
export type Encapsulation = 'Always' | 'CrossSubnet' | 'Never';

export interface BgpConfig {
  readonly asNumber: number;
  /** Seconds between keepalives (RFC 4271 §4.4). */
  readonly keepaliveTime: number;
  /** Seconds without a keepalive after which a peer is taken for dead. */
  readonly holdTime: number;
}

export interface NodeConfig {
  /** The lab's short name, e.g. `worker1`: what people type. */
  readonly name: string;
  /** The Kubernetes node name; Calico's block choice hashes it. */
  readonly nodeName: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
  /** Prefix length of the node's network, e.g. 24. */
  readonly prefixLength: number;
  /** e.g. `ens192`. */
  readonly interface: string;
  readonly mac?: string | undefined;
  /** Pinned IPAM block, e.g. `192.168.104.64/26`; otherwise Calico's own choice. */
  readonly podBlock?: string | undefined;
}

/** Where a node finds its {@link ClusterConfig}, as JSON. */
export const CLUSTER_CONFIG_PATH = '/etc/hoplab/cluster.json';
/** Environment variable with the node's short name. */
export const NODE_ENV = 'HOPLAB_NODE';
