/** What the `kubernetes` block of a Corefile says. */
export interface ZoneOptions {
  /** Absolute, e.g. `cluster.local.`, `in-addr.arpa.`; the first that is not a reverse zone is the cluster's domain. */
  readonly zones: readonly string[];
  readonly pods: 'disabled' | 'insecure' | 'verified';
  /** Zones whose unknown names are handed on; `['.']` for all. */
  readonly fallthrough: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** Endpoints without a hostname go by their pod's name. */
  readonly endpointPodNames: boolean;
  /** Only these; all when empty. */
  readonly namespaces: readonly string[];
}

export const REVERSE_ZONES = ['in-addr.arpa.', 'ip6.arpa.'] as const;

/** The domain that names in answers end in. */
export const primaryZone = ({ zones }: Pick<ZoneOptions, 'zones'>): string =>
  zones.find((zone) => !REVERSE_ZONES.some((reverse) => zone.endsWith(reverse))) ??
  zones[0] ??
  'cluster.local.';
