/** What a topology need not say. Calico's defaults, except for the shorter BGP timers: a lab should not wait. */
export const DEFAULTS = {
  networkMtu: 1500,
  routerName: 'router',
  interface: 'eth0',
  blockSize: 26,
  clusterDomain: 'cluster.local',
  encapsulation: 'Always',
  natOutgoing: true,
  strictAffinity: false,
  asNumber: 64512,
  keepaliveTime: 5,
  holdTime: 15,
  kubeProxyRules: '1.30',
  /** kube-proxy's own defaults, except for the last: the real one waits a second between two transactions. */
  kubeProxySyncPeriod: 30,
  kubeProxyMinSyncPeriod: 0,
  /** kube-controller-manager's default, in seconds. */
  nodeMonitorGracePeriod: 40,
  /** Seconds of the tolerations that every pod gets. */
  podEvictionTimeout: 300,
} as const;

/** Which address of the service CIDR is the cluster's DNS: the tenth, by kubeadm's custom. */
export const DNS_OFFSET = 10;

/** Bytes of the outer IPv4 header which IP in IP puts before each packet (RFC 2003). */
export const IPIP_OVERHEAD = 20;
