export { type DnsMetrics, dnsMetrics, type Measured } from './dns-metrics.ts';
export { Registry } from './registry.ts';
