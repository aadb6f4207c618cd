import type { ClusterConfig } from '../api/cluster.ts';
import type { AppName } from './apps.ts';

/** A topology file after parsing, defaults and validation. */
export interface Topology {
  readonly name: string;
  /** Absolute path of the file it came from; manifests are relative to its folder. */
  readonly file: string;
  readonly networks: Readonly<Record<string, Network>>;
  readonly router: Router;
  /** Containers outside the cluster (client, internet), by name. */
  readonly hosts: Readonly<Record<string, Host>>;
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  /** Pod manifests of the topology, in file order; `path` is absolute. */
  readonly pods: readonly PodManifestRef[];
  /** Applications of `apps/`, each once. */
  readonly apps?: readonly AppName[] | undefined;
}

export interface Network {
  readonly name: string;
  /** e.g. `10.1.110.0/24`. */
  readonly subnet: string;
  /** MTU of the wire in bytes, 1500 by default. */
  readonly mtu: number;
}

/** An interface of a container on one of the lab's networks. */
export interface Interface {
  readonly network: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly name: string;
  readonly mac?: string | undefined;
}

export interface Router {
  readonly name: string;
  readonly interfaces: readonly Interface[];
  /** Networks towards which the router masquerades (the second NAT, towards the internet). */
  readonly masquerade: readonly string[];
}

export interface Host {
  readonly name: string;
  readonly interface: Interface;
  /** The router's address on the host's network. */
  readonly gateway: string;
  /** Command instead of `sleep infinity`; the host's image is the toolbox. */
  readonly command?: readonly string[] | undefined;
  /** The host is a DNS server, which knows the lab's machines and these names (by full name) and no others. */
  readonly dns?: { readonly records: Readonly<Record<string, string>> } | undefined;
}

export interface Node {
  readonly name: string;
  readonly nodeName: string;
  readonly role: 'control-plane' | 'worker';
  readonly interface: Interface;
  readonly gateway: string;
  readonly podBlock?: string | undefined;
}

/** What the nodes are told of the cluster, and what only the lab's host has to know. */
export interface Cluster extends Omit<ClusterConfig, 'lab' | 'nodes' | 'loadBalancer'> {
  /** An nginx ingress controller on the workers; undefined where there is none. */
  readonly ingress?: Ingress | undefined;
  readonly nodeDNS: { readonly servers: readonly string[]; readonly search: readonly string[] };
  readonly loadBalancer: LoadBalancer;
}

/** What is pinned of the ingress controller's services. */
export interface Ingress {
  readonly clusterIP?: string | undefined;
  readonly loadBalancerIP?: string | undefined;
  readonly httpNodePort?: number | undefined;
  readonly httpsNodePort?: number | undefined;
  readonly defaultBackendIP?: string | undefined;
}

export interface LoadBalancer {
  /** How many addresses LoadBalancer services may get (the IKS wizard's field). */
  readonly count: number;
  readonly pools: readonly LoadBalancerPool[];
  /** The control plane's virtual API address, announced by `vip-manager`. */
  readonly apiAddress?: string | undefined;
}

export interface LoadBalancerPool {
  readonly name: string;
  /** CIDRs or `from-to` ranges. */
  readonly addresses: readonly string[];
  readonly autoAssign: boolean;
}

export interface PodManifestRef {
  readonly path: string;
}
