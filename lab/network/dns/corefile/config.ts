import type { CacheOptions, ForwardOptions, HostsOptions, RewriteRule } from '../plugins/index.ts';
import type { ZoneOptions } from '../zone/index.ts';

/** An address to listen on; port 0 is any free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Classes of answers that the `log` plugin writes down. */
export type LogClass = 'all' | 'success' | 'denial' | 'error';

/** One server block of a Corefile, checked. */
export interface ServerConfig {
  /** Absolute names. */
  readonly zones: readonly string[];
  /** One per address of `bind`, else all addresses of the machine. */
  readonly listen: readonly Endpoint[];
  readonly errors?: boolean;
  readonly log?: { readonly zones: readonly string[]; readonly classes: readonly LogClass[] };
  readonly health?: Endpoint & { readonly lameduckMs: number };
  readonly ready?: Endpoint;
  readonly prometheus?: Endpoint;
  readonly kubernetes?: ZoneOptions;
  readonly hosts?: HostsOptions;
  readonly rewrite?: readonly RewriteRule[];
  readonly forward?: readonly ForwardOptions[];
  readonly cache?: CacheOptions;
  readonly loadbalance?: boolean;
  /** Accepted; a loop cannot be formed by servers that do not ask themselves. */
  readonly loop?: boolean;
  readonly reload?: { readonly intervalMs: number };
}
