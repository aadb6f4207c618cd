export { type CacheMetrics, type CacheOptions, cache } from './cache.ts';
export { type ForwardMetrics, type ForwardOptions, forward } from './forward.ts';
export { type HostsOptions, hosts, parseHosts } from './hosts.ts';
export { kubernetes } from './kubernetes.ts';
export { loadbalance } from './loadbalance.ts';
export { type Asker, failure, nobody, type Reply, type Resolver, reply } from './resolver.ts';
export { type RewriteRule, rewrite } from './rewrite.ts';
