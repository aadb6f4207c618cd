export const TABLES = ['mangle', 'filter', 'nat'] as const;
export type TableName = (typeof TABLES)[number];

/** Text of the rules of each chain, one `-A …` line per rule as `iptables-save` prints it; '' is a chain without rules. */
export type Chains = ReadonlyMap<string, string>;

/** A rule of a built-in chain that leads to one of ours. */
export interface Jump {
  readonly table: TableName;
  readonly chain: string;
  /** As `iptables-save` prints it, without `-A CHAIN `. */
  readonly rule: string;
}

/** All that kube-proxy wants to find in the kernel. */
export interface RuleSet {
  readonly tables: Readonly<Record<TableName, Chains>>;
  /** Within a built-in chain in the order from the top. */
  readonly jumps: readonly Jump[];
}

/** Chains to which several services add rules. */
export type SharedChain =
  | 'nat KUBE-SERVICES'
  | 'nat KUBE-NODEPORTS'
  | 'filter KUBE-SERVICES'
  | 'filter KUBE-EXTERNAL-SERVICES'
  | 'filter KUBE-NODEPORTS'
  | 'filter KUBE-PROXY-FIREWALL';

/** The rules that one service port brings. */
export interface PortRules {
  /** Chains of its own, all in nat. */
  readonly chains: readonly (readonly [name: string, text: string])[];
  readonly shared: readonly (readonly [chain: SharedChain, text: string])[];
}

export interface RuleOptions {
  /** Addresses of pods; traffic to a cluster IP from elsewhere is masqueraded. Undefined: nobody knows, no such rules. */
  readonly clusterCIDR?: string | undefined;
  /** Masquerade all traffic to cluster IPs (`--masquerade-all`). */
  readonly masqueradeAll: boolean;
  /** The node's own address, for source ranges that cover it. */
  readonly nodeIP: string;
  /** Node ports answer on 127.0.0.1, too (`--iptables-localhost-nodeports`). */
  readonly localhostNodePorts: boolean;
  /** The node's addresses on which node ports answer (`--nodeport-addresses`); undefined is all. */
  readonly nodePortAddresses?: readonly string[] | undefined;
  /** Name the service in every rule; without, the input is shorter by half (large clusters). */
  readonly comments: boolean;
}
