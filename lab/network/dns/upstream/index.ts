export { type ExchangeOptions, exchange } from './exchange.ts';
export { nameservers, type Upstream, upstreamOf } from './resolv-conf.ts';
