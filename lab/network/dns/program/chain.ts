import type { Clock } from '../../../api/client/index.ts';
import type { ServerConfig } from '../corefile/index.ts';
import type { DnsMetrics } from '../metrics/index.ts';
import {
  cache,
  forward,
  hosts,
  kubernetes,
  loadbalance,
  nobody,
  parseHosts,
  type Resolver,
  rewrite,
} from '../plugins/index.ts';
import { exchange, nameservers, type Upstream, upstreamOf } from '../upstream/index.ts';
import type { Zone, ZoneOptions } from '../zone/index.ts';

export interface ChainDeps {
  readonly clock: Clock;
  readonly metrics: DnsMetrics;
  /** The text of a file. @throws Error when it cannot be read */
  readonly readFile: (path: string) => string;
  readonly zone: (options: ZoneOptions) => Zone | undefined;
  /** Asks the whole server, for names that ExternalNames lead to. */
  readonly lookup: Resolver;
}

/**
 * The plugins of a server block, one around the other in CoreDNS's order (plugin.cfg), whatever their order in the file.
 *
 * @throws Error when a file that the block names cannot be read
 */
export function chain(config: ServerConfig, deps: ChainDeps): Resolver {
  const { clock, metrics } = deps;
  let next: Resolver = nobody;
  for (const options of [...(config.forward ?? [])].reverse()) {
    const upstreams = options.to.flatMap((to) => upstreamsOf(to, deps));
    next = forward(options, { upstreams, exchange, metrics: metrics.forward }, next);
  }
  if (config.kubernetes) {
    const options = config.kubernetes;
    next = kubernetes({ zones: options.zones, zone: () => deps.zone(options), lookup: deps.lookup, next });
  }
  if (config.hosts) {
    const { file, entries } = config.hosts;
    const more = file === undefined ? [] : parseHosts(deps.readFile(file));
    next = hosts({ ...config.hosts, entries: [...entries, ...more] }, next);
  }
  if (config.rewrite) next = rewrite(config.rewrite, next);
  if (config.cache) next = cache(config.cache, next, clock, metrics.cache);
  if (config.loadbalance) next = loadbalance(next);
  return next;
}

const upstreamsOf = (to: string, { readFile }: ChainDeps): Upstream[] =>
  to.startsWith('/') ? nameservers(readFile(to)) : [upstreamOf(to)];
