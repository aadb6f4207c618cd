export type Protocol = 'tcp' | 'udp' | 'sctp';

/** One port of a service, with all that decides its rules. Addresses are IPv4. */
export interface ServicePort {
  /** `namespace/name[:port]`. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly clusterIP: string;
  readonly port: number;
  readonly nodePort?: number | undefined;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Networks that may use the load-balancer addresses; empty is everybody. */
  readonly sourceRanges: readonly string[];
  /** Seconds for which a client keeps its endpoint (`sessionAffinity: ClientIP`). */
  readonly affinitySeconds?: number | undefined;
  /** externalTrafficPolicy Local. */
  readonly externalLocal: boolean;
  /** internalTrafficPolicy Local. */
  readonly internalLocal: boolean;
  readonly healthCheckNodePort?: number | undefined;
}

export interface Endpoint {
  readonly address: string;
  /** `address:port`, as in DNAT's `--to-destination`. */
  readonly target: string;
  /** On this node. */
  readonly local: boolean;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

/** A service port with the endpoints that its traffic policies choose from this node's point of view. */
export interface ServedPort {
  readonly port: ServicePort;
  /** For policy Cluster; in the order of the rules. */
  readonly cluster: readonly Endpoint[];
  /** For policy Local. */
  readonly local: readonly Endpoint[];
  /** Those of either, each of which gets a chain. */
  readonly reachable: readonly Endpoint[];
  /** Addresses of the ready ones on this node, for the health check node port; empty where there is none. */
  readonly readyHere: readonly string[];
  /** There is a usable endpoint on some node. */
  readonly hasEndpoints: boolean;
}
